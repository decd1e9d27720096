#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel::net {

// Header fields of a request or an answer, in order. Names compare without case (RFC 9110, 5.1). A
// name may stand there several times, as Set-Cookie does; values are not joined and not taken
// apart. Names and values are kept as given: HttpClient refuses a request in which one holds what
// no header may. Looking up is a walk over all fields; there are a few dozen at most.
//   const Headers headers{{"Accept", "application/json"}, {"Authorization", "Bearer " + token}};
//   answer.headers.get("content-type");
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;  // name, value without blanks around it

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // Behind those that are there, also one of the same name.
  void add(std::string name, std::string value);
  // Replaces all fields of that name. The new one stands at the end.
  void set(std::string name, std::string value);
  // The first field of that name. Copies it; nothing where there is none. A field without a value
  // is an empty text.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  // All values of that name, in order.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  void clear() { fields_.clear(); }

  // Pairs of name and value. They are good until the next change.
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Whether two ASCII texts are the same but for case. Bytes beyond ASCII must be equal, and no
// locale is asked.
bool same_word(std::string_view a, std::string_view b);

}  // namespace marvel::net
