#pragma once

#include "base/result.hpp"
#include "federate/secure/messages.hpp"
#include "federate/wire/message.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace marvel::federate::secure {

// The server's side of one secure sum (see Member): who takes part, what each is asked next, and in
// the end the sum. It sees masked updates, and of each client either shares of the seed of its own
// mask or shares of its mask key. Its memory is one vector of whole numbers.
//
// A stage ends when the caller says so (next); who has not answered by then is out. One that is out
// before its masked update came is taken out of the others' masks by their shares.
class SecureRound {
 public:
  // `clients`: at most kMostClients. `share`, (0.5, 1], of those that send keys must answer
  // in each stage. `elements`: numbers of a masked update. prepare() must have succeeded.
  SecureRound(std::vector<std::string> clients, double share, std::size_t elements);

  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] const std::string& session() const { return session_; }
  // The client is in, and this stage has no answer from it.
  [[nodiscard]] bool expects(const std::string& client) const;
  [[nodiscard]] std::size_t answers() const { return answered_.size(); }
  // Without which a stage must not end; known after kKeys.
  [[nodiscard]] std::size_t threshold() const { return threshold_; }

  // The settings with which an expected client is asked.
  [[nodiscard]] wire::Config request(const std::string& name) const;
  // kInput when it makes no sense; then the client is out. Answers of another stage, or of a client
  // that is not expected, are passed over.
  Status take(const std::string& name, const wire::FitResult& answer);
  // Out, for reasons that the caller knows.
  void drop(const std::string& client) { in_.erase(client); }
  // Goes on with those that have answered. kFailed when they are too few: the sum is lost.
  Status next();

  // After kDone: the sum, and whose updates are in it.
  [[nodiscard]] const std::vector<std::uint64_t>& sum() const { return sum_; }
  [[nodiscard]] std::vector<std::string> summed() const;

 private:
  struct Client {
    std::uint8_t place = 0;  // from 1, among those that sent keys
    OpenKeys keys;
    std::map<std::uint8_t, std::string> parcels;  // for the others, as it sealed them
    std::vector<Reveal> reveals;
  };

  Status store(const std::string& name, Client& client, const wire::FitResult& answer);
  Status store_parcels(Client& client, std::string_view bytes) const;
  Status store_reveals(Client& client, std::string_view bytes) const;
  void seat();
  Status unmask();
  [[nodiscard]] std::vector<std::uint8_t> survivors() const;
  // From the shares that survivors laid open; none when they are too few.
  [[nodiscard]] std::optional<Key> secret_of(std::uint8_t place, bool mask_key) const;

  std::string session_;
  double share_;
  std::size_t threshold_ = 0;
  Stage stage_ = Stage::kKeys;
  std::map<std::string, Client> clients_;
  std::set<std::string> in_;        // take part in this stage
  std::set<std::string> answered_;  // of them
  std::set<std::string> dealt_;     // dealt shares, so that their masks are in the others' updates
  std::set<std::string> summed_;    // masked updates that have come
  std::vector<std::uint64_t> sum_;
};

}  // namespace marvel::federate::secure
