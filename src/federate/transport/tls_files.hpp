#pragma once

#include "base/result.hpp"

#include <string>

// The PEM files of TLS, looked at before they are used: gRPC only writes a line of its own about
// those that it cannot use, and then every connection fails.
namespace marvel::federate {

// Certificates of a CA. kInput, naming `flag` and the file, when it cannot be read or holds none.
Result<std::string> read_certificates(const std::string& path, const char* flag);

// Who one end of a connection says it is.
struct TlsIdentity {
  std::string chain;  // its certificate first
  std::string key;
};
// The files of --tls-cert and --tls-key. kInput as above, for a key with a passphrase, and when the
// two do not belong together.
Result<TlsIdentity> read_identity(const std::string& cert_path, const std::string& key_path);

}  // namespace marvel::federate
