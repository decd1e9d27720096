#pragma once

#include "base/result.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/node/survey.hpp"

#include <filesystem>
#include <functional>

namespace marvel::vpn {

// Where the administrator asks a running edge to measure its paths: a Unix socket in its state
// folder. Whoever connects gets "+" first, or "-" and the end while another survey is under way. A
// request is one line, "LARGEST PEER PEER...": bytes of the largest burst and names of peers, none
// for all. The answer is one document and the end. One survey at a time.
//
//   edge                                     who asks, request_survey()
//   "+"                               ->
//                                     <-     "4194304 alice bob\n"
//   (measures, seconds to minutes)
//   {"schema":"marvel.network/1",..}  ->     and the end
//
// Only the user of the node may connect. A line that is no request is answered with "bad request".
// The node's thread does all of it and never waits for whoever asks, but for 0.2 s while an answer
// is not read. One thread.
class MeasureSocket {
 public:
  // Nothing listens.
  MeasureSocket() = default;
  // At measure.sock in the folder, whose lock the caller holds: what is there is replaced, and it
  // is removed at the end. kInput when the path is too long for a socket, kUnavailable when it
  // cannot be made.
  static Result<MeasureSocket> listen(const std::filesystem::path& state_folder);
  MeasureSocket(MeasureSocket&&) noexcept = default;
  MeasureSocket& operator=(MeasureSocket&&) noexcept = default;
  MeasureSocket(const MeasureSocket&) = delete;
  MeasureSocket& operator=(const MeasureSocket&) = delete;
  ~MeasureSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // The socket, or the one who has connected.
  [[nodiscard]] bool is_mine(int fd) const {
    return fd >= 0 && (fd == fd_.get() || fd == client_.get());
  }
  // Something came on `fd`, which is_mine(). One who connects is watched by `poller` from then on.
  // A request that is whole goes to `begin`; when the one who asked goes away before the answer,
  // `cancel` is called. Neither is kept.
  void take(int fd, Poller& poller, const std::function<void(SurveyOrder)>& begin,
            const std::function<void()>& cancel);
  // The answer for the one who asked, and the end; without effect when nobody waits for one any
  // more.
  void answer(const std::string& document);

 private:
  MeasureSocket(Fd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  void accept(Poller& poller);

  Fd fd_;
  Fd client_;
  bool asked_ = false;  // the request is whole
  std::string request_;
  std::filesystem::path path_;
};

// The order that a request line asks for; nothing for any other line: no number in front, or a name
// that no node can have. Whether the number makes sense is not looked at.
std::optional<SurveyOrder> parse_survey_order(std::string_view line);
// Asks the edge with this state folder and waits for what it finds, while `going` says so, which is
// asked ten times a second. What stands in the document is not looked at. kUnavailable when no edge
// runs there, or it ends before it has measured, or `going` said no; kConflict while another survey
// is under way; kInput for a path that is too long for a socket.
Result<std::string> request_survey(const std::filesystem::path& state_folder,
                                   const SurveyOrder& order, const std::function<bool()>& going);

}  // namespace marvel::vpn
