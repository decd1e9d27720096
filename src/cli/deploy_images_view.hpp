#pragma once

#include "cli/command.hpp"
#include "deploy/images/check.hpp"
#include "deploy/images/inventory.hpp"
#include "deploy/images/push.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// What the verbs of `marvel deploy images` answer, as tables and as documents; the schemas are in
// docs/user/deploy-images.md.
Answer images_list_answer(const std::string& registry,
                          const std::vector<deploy::images::TagRow>& rows);
Answer images_inspect_answer(const std::string& image,
                             const deploy::images::Inspection& inspection);
Answer images_push_answer(const std::string& image, const deploy::images::PushReport& report);
// `done` is false for a plan.
Answer images_remove_answer(const std::string& repository, const deploy::images::Removal& removal,
                            bool done);
// Exit code 0 when all are good, 3 when some could not be asked for and none is known to be bad,
// else 1.
Answer images_check_answer(const std::vector<deploy::images::CheckRow>& rows);

}  // namespace marvel::cli
