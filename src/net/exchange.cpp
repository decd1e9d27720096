// The exchange under way: the multi handle drives it, and between its turns the stop flag and the
// idle time are looked at.
#include "net/exchange.hpp"

#include "net/http_error.hpp"

#include <string_view>
#include <utility>

namespace marvel::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTurnMs = 100;  // how often the stop flag is looked at
constexpr std::size_t kMostHeaderBytes = std::size_t{256} << 10;

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  const auto end = text.find_last_not_of(" \t\r\n");
  return begin == text.npos ? "" : std::string(text.substr(begin, end - begin + 1));
}

}  // namespace

bool Exchange::take_body(std::string_view piece) {
  last_byte_ = Clock::now();
  if (sink_ != nullptr && response_.status / 100 == 2) {
    const Status taken = (*sink_)(piece);
    last_byte_ = Clock::now();  // the sink's own time is not the server's
    if (!taken) {
      error_ = taken.error();
    }
    return taken.has_value();
  }
  if (response_.body.size() + piece.size() > options_.max_body) {
    error_ = Error{Errc::kUnavailable,
                   "the answer to " + describe(request_) + " is larger than " +
                       std::to_string(options_.max_body) + " bytes",
                   "",
                   {}};
    return false;
  }
  response_.body.append(piece);
  return true;
}

// A status line begins the fields anew: what came before belongs to a "100 Continue".
bool Exchange::take_header(std::string_view line) {
  last_byte_ = Clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) {
    error_ = Error{Errc::kUnavailable,
                   "the header of the answer to " + describe(request_) + " is larger than 256 KiB",
                   "",
                   {}};
    return false;
  }
  if (line.starts_with("HTTP/")) {
    long status = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.headers.clear();
  } else if (const auto colon = line.find(':'); colon != line.npos && colon > 0) {
    response_.headers.add(std::string(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return true;
}

std::size_t Exchange::give_body(char* buffer, std::size_t room) {
  last_byte_ = Clock::now();
  if (!request_.stream) {
    const std::size_t count = request_.body.copy(buffer, room, body_at_);
    body_at_ += count;
    return count;
  }
  const auto given = request_.stream->read(buffer, room);
  if (!given) {
    error_ = given.error();
    return CURL_READFUNC_ABORT;
  }
  last_byte_ = Clock::now();
  return *given;
}

bool Exchange::rewind_body() {
  return request_.stream && request_.stream->rewind && request_.stream->rewind().has_value();
}

bool Exchange::may_send_again() const {
  long new_connections = 1;
  curl_.easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &new_connections);
  return new_connections == 0 && header_bytes_ == 0 && !is_only_once();
}

Error Exchange::failure(CURLcode code) const {
  CurlFailure failure;
  failure.code = code;
  failure.words = words_[0] != '\0' ? trimmed(words_.data()) : curl_.easy_strerror(code);
  long os_error = 0;
  curl_off_t sent_after = 0;
  curl_.easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  curl_.easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after);
  failure.os_error = static_cast<int>(os_error);
  failure.connecting = sent_after == 0;
  failure.connect_limit = timeouts_.connect;
  failure.total_limit = timeouts_.total;
  return explain(failure, describe(request_), url_);
}

Result<bool> Exchange::turn(CURLM* multi, const StopFlag& stop) {
  int running = 0;
  curl_.multi_perform(multi, &running);
  if (error_) {
    return fail(*error_);
  }
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) {
      const CURLcode code = message->data.result;
      met_closed_connection_ = code == CURLE_SEND_ERROR && may_send_again();
      return code == CURLE_OK ? Result<bool>(true) : fail(failure(code));
    }
  }
  if (stop.raised()) {
    return fail(Errc::kFailed, "stopped");
  }
  if (timeouts_.idle.count() > 0 && Clock::now() - last_byte_ > timeouts_.idle) {
    curl_off_t sent_after = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after);
    if (sent_after > 0) {  // before that, the limit for connecting holds
      return fail(Errc::kTimeout,
                  describe(request_) + ": no byte moved for " + limit_text(timeouts_.idle));
    }
  }
  curl_.multi_poll(multi, nullptr, 0, kTurnMs, nullptr);
  return false;
}

Result<Response> Exchange::run(CURLM* multi, const StopFlag& stop) {
  if (curl_.multi_add_handle(multi, easy_.get()) != CURLM_OK) {
    return fail(Errc::kUnavailable, "libcurl does not start " + describe(request_));
  }
  auto over = turn(multi, stop);
  while (over && !*over) {
    over = turn(multi, stop);
  }
  curl_.multi_remove_handle(multi, easy_.get());
  if (!over) {
    return fail(std::move(over).error());
  }
  return std::move(response_);
}

}  // namespace marvel::net
