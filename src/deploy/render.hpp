#pragma once

#include "base/result.hpp"
#include "deploy/manifest.hpp"
#include "deploy/template.hpp"

#include <map>
#include <string>
#include <vector>

namespace marvel::deploy {

// Filling in a template: values are checked against the header, then every scalar and key of the
// documents is gone through once, then the trees become objects. A copy of the documents is worked
// on, so `source` stays as it was and may be rendered again, by any thread. Why on the tree and not
// in the text: docs/design/005-templates.md.

// A value for a variable, as text: its type is decided where it lands.
struct Value {
  std::string text;
  bool exposed = false;  // it stood on the command line, where others can read it
  // A setting, in which ${NAME} and ${NAMESPACE} stand for the service's own.
  bool platform = false;
};
using Values = std::map<std::string, Value>;

// What stands in place of a secret. It has one length for all of them, so that it tells nothing.
inline constexpr const char* kMask = "********";

// kShow is for what goes to a cluster, the others for what is printed. With a mask in it an object
// may no longer be of the types that Kubernetes wants: a masked port is text.
enum class Secrets {
  kShow,
  kMaskVariables,  // values of secret variables
  kMaskAll,        // those, and all that objects of kind Secret hold
};

struct RenderOptions {
  Values values;
  Secrets secrets = Secrets::kShow;
};

// A name in a document that looks like a variable and is none. Often meant so: shell scripts and
// files of web servers have variables of their own. It stays in the text.
struct Unknown {
  std::string name;
  Position position;  // of the scalar that holds it
  Path path;          // the same, inside its document; for a key, of the map that has it
};

struct Rendered {
  // In the order of the file. With Secrets::kShow they know where secrets stand (Object::hidden).
  std::vector<Object> objects;
  // Effective values of all variables that are not secret. Empty for a plain manifest, as are the
  // two lists below.
  std::map<std::string, std::string> values;
  std::vector<Unknown> unknown;     // one for each place
  std::vector<std::string> unused;  // variables that no document names
};

// Fills in the variables. A value can never change the shape of a document: it replaces text
// inside scalars and keys of the tree. Without quotes in the source, a scalar gets the type that
// Kubernetes wants at that place; with quotes it stays text. Where the built-in schema says
// nothing, a scalar that is one variable alone gets the variable's `type`, or the type of its
// default. Names in `values` that the template does not have are ignored; see check_names.
//   replicas: ${SERVERS}        with 3: the number 3; with many: kInput
//   value: ${SERVERS}           of an `env`: the text "3"
// kInput for a value that is missing, forbidden by its variable, or of the wrong type for its
// place (with file:line:column), for keys that values make equal, and for a document that is no
// object in the end (see to_objects). kUsage for a secret value that stood on the command line.
// Templates with secret variables are filled in twice for kShow, to learn where the secrets stand.
Result<Rendered> render(const Template& source, const RenderOptions& options);

// The values that render() uses: given ones over defaults, each checked; with secret ones. One for
// each variable of the header; empty for a plain manifest. A required variable takes no empty
// value. NAME and NAMESPACE must also be DNS labels of at most 63 letters, since they become parts
// of names. Fails as render() does.
Result<std::map<std::string, std::string>> effective_values(const Template& source,
                                                            const Values& given);

// kUsage, with the likely meaning, for the first name that no template has as a variable. For what
// people typed; a value that one of several templates has is good.
Status check_names(const Values& values, const std::vector<Template>& templates);

// kMask in place of each value of data and stringData of a Secret; other kinds stay. The keys stay:
// they tell what is in it. There is no way back, so mask a copy of what is still needed.
void mask_secret(Object& object);
// The same, and what Object::hidden names: for objects of Secrets::kShow that are to be printed.
void mask_all(Object& object);

}  // namespace marvel::deploy
