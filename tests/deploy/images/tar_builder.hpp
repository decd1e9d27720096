#pragma once

#include <cstdio>
#include <string>

namespace marvel::test {

// A tar archive in memory, entry by entry, also of kinds that no program writes.
class TarBuilder {
 public:
  TarBuilder& file(const std::string& name, const std::string& bytes) {
    return entry(name, '0', bytes);
  }
  TarBuilder& link(const std::string& name, const std::string& target, char type = '2') {
    return entry(name, type, "", target);
  }
  TarBuilder& entry(const std::string& name, char type, const std::string& bytes,
                    const std::string& link = "") {
    std::string header(512, '\0');
    name.copy(header.data(), 100);
    put_octal(header, 100, 0644);
    put_octal(header, 124, bytes.size(), 11);
    header[156] = type;
    link.copy(header.data() + 157, 100);
    std::string("ustar\00000", 8).copy(header.data() + 257, 8);
    header.replace(148, 8, 8, ' ');
    unsigned sum = 0;
    for (const char byte : header) {
      sum += static_cast<unsigned char>(byte);
    }
    put_octal(header, 148, sum, 6);
    header[154] = '\0';
    tar_ += header + bytes;
    tar_.resize((tar_.size() + 511) / 512 * 512, '\0');
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return tar_ + std::string(1024, '\0'); }

 private:
  static void put_octal(std::string& header, std::size_t at, unsigned long value, int width = 7) {
    char text[24];
    std::snprintf(text, sizeof text, "%0*lo", width, value);
    std::string(text).copy(header.data() + at, static_cast<std::size_t>(width));
  }

  std::string tar_;
};

}  // namespace marvel::test
