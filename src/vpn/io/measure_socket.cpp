#include "vpn/io/measure_socket.hpp"

#include "base/text.hpp"
#include "net/unix_socket.hpp"

#include <array>
#include <poll.h>
#include <sys/socket.h>

namespace marvel::vpn {
namespace {

constexpr const char* kFile = "measure.sock";
constexpr const char* kFlag = "--state";
constexpr std::size_t kLongestRequest = std::size_t{64} << 10U;
// Said at once, before anything is asked: one that is turned away would else write to a socket that
// is closed already, and never read why.
constexpr char kFree = '+';
constexpr char kBusy = '-';
constexpr const char* kBadRequest = "bad request";

// Waits for more, while `going` says so, and puts it behind `text`. False at the end.
bool read_some(int fd, std::string& text, const std::function<bool()>& going) {
  constexpr int kLook = 100;  // ms
  pollfd wanted{fd, POLLIN, 0};
  while (::poll(&wanted, 1, kLook) <= 0) {
    if (!going()) {
      return false;
    }
  }
  std::array<char, 16384> buffer{};
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return got > 0;
}

}  // namespace

Result<MeasureSocket> MeasureSocket::listen(const std::filesystem::path& state_folder) {
  const auto path = state_folder / kFile;
  MARVEL_TRY(Fd fd, net::listen_unix(path, kFlag));
  return MeasureSocket(std::move(fd), path);
}

MeasureSocket::~MeasureSocket() {
  if (fd_.is_open()) {
    ::unlink(path_.c_str());
  }
}

void MeasureSocket::accept(Poller& poller) {
  Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.is_open()) {
    return;
  }
  if (client_.is_open()) {
    net::send_unix(client.get(), {&kBusy, 1});
    return;
  }
  net::send_unix(client.get(), {&kFree, 1});
  poller.watch(client.get());
  client_ = std::move(client);
  request_.clear();
  asked_ = false;
}

void MeasureSocket::take(int fd, Poller& poller, const std::function<void(SurveyOrder)>& begin,
                         const std::function<void()>& cancel) {
  if (fd == fd_.get()) {
    return accept(poller);
  }
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(client_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) {
    const Fd gone(std::move(client_));
    if (asked_) {
      cancel();
    }
    return;
  }
  if (asked_) {
    return;
  }
  request_.append(buffer.data(), static_cast<std::size_t>(got));
  const auto end = request_.find('\n');
  if (end == std::string::npos && request_.size() < kLongestRequest) {
    return;
  }
  const auto order =
      end == std::string::npos ? std::nullopt : parse_survey_order(request_.substr(0, end));
  if (!order) {
    return answer(kBadRequest);
  }
  asked_ = true;
  begin(*order);
}

void MeasureSocket::answer(const std::string& document) {
  const Fd client(std::move(client_));
  if (client.is_open()) {
    net::send_unix(client.get(), document);
  }
}

std::optional<SurveyOrder> parse_survey_order(std::string_view line) {
  const auto words = split(line, ' ');
  const auto largest = words.empty() ? Result<std::uint64_t>(fail(Errc::kInput, "empty"))
                                     : parse_unsigned(words.front());
  if (!largest) {
    return std::nullopt;
  }
  SurveyOrder order;
  order.largest = *largest;
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (!is_node_name(words[at])) {
      return std::nullopt;
    }
    order.peers.emplace_back(words[at]);
  }
  return order;
}

Result<std::string> request_survey(const std::filesystem::path& state_folder,
                                   const SurveyOrder& order, const std::function<bool()>& going) {
  MARVEL_TRY(const Fd fd, net::connect_unix(state_folder / kFile, kFlag));
  if (!fd.is_open()) {
    return fail(
        Errc::kUnavailable,
        "no edge that can measure runs with the state folder '" + state_folder.string() + "'",
        "name the folder that the edge got with --state");
  }
  std::string first;
  if (read_some(fd.get(), first, going) && first.front() == kBusy) {
    return fail(Errc::kConflict, "the edge is measuring already", "wait for the other one's end");
  }
  std::string line = std::to_string(order.largest);
  for (const auto& peer : order.peers) {
    line += " " + peer;
  }
  if (!net::send_unix(fd.get(), line + "\n")) {
    return fail(Errc::kUnavailable, "the edge takes no request");
  }
  std::string answer;
  while (read_some(fd.get(), answer, going)) {
  }
  if (answer.empty() || answer.front() != '{') {
    return fail(Errc::kUnavailable, "the edge ended before it had measured");
  }
  return answer;
}

}  // namespace marvel::vpn
