#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// So that `lint --server` is the same walk over the same kind of table as `lint`:
//   Schema schema(table_of_openapi(documents));
//
// The table (kubernetes_schema.hpp) of what a server's OpenAPI documents describe: version 3, one
// document per group version with `components.schemas`, or version 2 with `definitions`. Names of
// types are the last part of their full ones where that says which ("Container"), full ones
// otherwise. Schemas inside schemas, as custom kinds have them, get names of their own. What is not
// understood, or may hold fields of anybody, is "anything"; documents may come from anybody. Every
// kind's `status` is "anything", for people do not write it, and apiVersion, kind and metadata are
// required of each. Of two schemas of one full name the first counts. No documents, or none of use,
// are an empty table; nothing fails, and schemas deeper than 40 levels end in "anything".
std::string table_of_openapi(const std::vector<nlohmann::json>& documents);

}  // namespace marvel::deploy
