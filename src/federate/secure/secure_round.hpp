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
// mask or shares of its mask key. Its memory is one vector of whole numbers, and the sealed shares
// of every client for every other.
//
// In each stage the caller sends request() to every client that it expects, hands answers to
// take(), and calls next() when it has waited enough; after four of them stage() is kDone:
//   for each client: if (round.expects(client)) send(client, round.request(client));
//   round.take(client, answer);
//   MARVEL_TRY_STATUS(round.next());
// It knows neither clocks nor links. A client that comes back is asked again with the same request,
// which it answers as before. Used by one thread at a time.
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
  // Without which a stage must not end; known after kKeys, 0 before. At least 2, and more than half
  // of those that sent keys.
  [[nodiscard]] std::size_t threshold() const { return threshold_; }

  // The settings with which an expected client is asked. The caller adds the model and its own
  // settings in kMasked, where the client trains.
  [[nodiscard]] wire::Config request(const std::string& name) const;
  // kInput when it makes no sense or belongs to another sum or stage; then the client is out.
  // Answers of a client that is not expected are passed over. A masked update is added to the sum
  // at once and stays in it, whatever becomes of its client.
  Status take(const std::string& name, const wire::FitResult& answer);
  // Out, for reasons that the caller knows. Of use for a client that is expected: one that has
  // answered in this stage goes on all the same.
  void drop(const std::string& client) { in_.erase(client); }
  // Goes on with those that have answered. kFailed when they are too few, or when the shares they
  // laid open do not fit together: the sum is lost. Unmasking, the last one, costs a pass of
  // ChaCha20 over the sum per survivor, and one for each pair of a survivor and a client that is
  // gone.
  Status next();

  // After kDone: the sum for from_fixed, and whose updates are in it, by name in ascending order.
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
  [[nodiscard]] Status check_keys(const OpenKeys& keys) const;
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
