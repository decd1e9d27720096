#pragma once

#include "base/result.hpp"
#include "deploy/manifest.hpp"
#include "deploy/template.hpp"

#include <map>
#include <string>
#include <vector>

namespace marvel::deploy {

// A value for a variable.
struct Value {
  std::string text;
  bool exposed = false;  // it stood on the command line, where others can read it
  bool platform =
      false;  // a setting, in which ${NAME} and ${NAMESPACE} stand for the service's own
};
using Values = std::map<std::string, Value>;

// What stands in place of a secret.
inline constexpr const char* kMask = "********";

enum class Secrets {
  kShow,
  kMaskVariables,  // values of secret variables
  kMaskAll,        // those, and all that objects of kind Secret hold
};

struct RenderOptions {
  Values values;
  Secrets secrets = Secrets::kShow;
};

// A name in a document that looks like a variable and is none.
struct Unknown {
  std::string name;
  Position position;  // of the scalar that holds it
  Path path;          // the same, inside its document
};

struct Rendered {
  // In the order of the file. With Secrets::kShow they know where secrets stand (Object::hidden).
  std::vector<Object> objects;
  // Effective values of all variables that are not secret.
  std::map<std::string, std::string> values;
  std::vector<Unknown> unknown;
  std::vector<std::string> unused;  // variables that no document names
};

// Fills in the variables. A value can never change the shape of a document: it replaces text
// inside scalars and keys of the tree. Without quotes in the source, a scalar gets the type that
// Kubernetes wants at that place; with quotes it stays text. Names in `values` that the template
// does not have are ignored; see check_names.
// kInput for a value that is missing, forbidden by its variable, or of the wrong type for its
// place (with file:line:column), and for keys that values make equal. kUsage for a secret value
// that stood on the command line.
Result<Rendered> render(const Template& source, const RenderOptions& options);

// The values that render() uses: given ones over defaults, each checked; with secret ones.
Result<std::map<std::string, std::string>> effective_values(const Template& source,
                                                            const Values& given);

// kUsage, with the likely meaning, for the first name that no template has as a variable.
Status check_names(const Values& values, const std::vector<Template>& templates);

// kMask in place of each value of data and stringData of a Secret; other kinds stay.
void mask_secret(Object& object);
// The same, and what Object::hidden names.
void mask_all(Object& object);

}  // namespace marvel::deploy
