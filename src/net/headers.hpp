#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel::net {

// Header fields of a request or an answer, in order. Names compare without case (RFC 9110, 5.1).
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;  // name, value without blanks around it

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value);
  // Replaces all fields of that name.
  void set(std::string name, std::string value);
  // The first field of that name.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  void clear() { fields_.clear(); }

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Whether two ASCII texts are the same but for case.
bool same_word(std::string_view a, std::string_view b);

}  // namespace marvel::net
