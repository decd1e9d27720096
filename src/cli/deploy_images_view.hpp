#pragma once

#include "cli/command.hpp"
#include "deploy/images/check.hpp"
#include "deploy/images/inventory.hpp"
#include "deploy/images/push.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// What the verbs of `marvel deploy images` answer, as tables and as documents; the schemas are in
// docs/user/deploy-images.md. Pure functions of what the library has found. What registries and
// images say of themselves is text of strangers: control characters become "?" in tables, and bytes
// that are not UTF-8 become U+FFFD in documents.
//
// A row per tag. A tag that could not be read has its problem in the place of its platforms.
Answer images_list_answer(const std::string& registry,
                          const std::vector<deploy::images::TagRow>& rows);
// One image, or all platforms of an index, with what its config says: user, command, layers. What
// the index names and the registry lacks stands under "absent".
Answer images_inspect_answer(const std::string& image,
                             const deploy::images::Inspection& inspection);
// How much had to be sent; nothing when the registry had all of it under this name.
Answer images_push_answer(const std::string& image, const deploy::images::PushReport& report);
// `done` is false for a plan. Deleting a digest takes all of its tags along, so they are named.
Answer images_remove_answer(const std::string& repository, const deploy::images::Removal& removal,
                            bool done);
// Exit code 0 when all are good, 3 when some could not be asked for and none is known to be bad,
// else 1.
Answer images_check_answer(const std::vector<deploy::images::CheckRow>& rows);

}  // namespace marvel::cli
