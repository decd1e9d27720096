#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// Where values of secret variables stand in an object, and what is shown there in their place:
//
//   ".spec.containers[name=web].env[name=DB].value" -> "postgres://web:********@db"
//
// Items of lists are named where every item of the list has a name of its own, and counted
// otherwise, so that a place is found again in what a server has made of the object.
using Hidden = std::map<std::string, std::string>;

// One step of such a path: ".key", or "[key]" where the key has dots, slashes or brackets.
std::string path_of_key(const std::string& path, const std::string& key);
// Whether every item of a list has a name that no other has.
bool has_named_items(const nlohmann::json& list);

// The places where `real` and `masked` differ: one document, filled in with secrets and without.
// A map in which secrets became keys is one place as a whole.
Hidden hidden_places(const nlohmann::json& real, const nlohmann::json& masked);

// Puts what is shown at the places of `hidden` that `body` has.
void hide(nlohmann::json& body, const Hidden& hidden);

// The texts that stand at the places, and the parts of them that are the secret itself.
std::vector<std::string> hidden_texts(const nlohmann::json& body, const Hidden& hidden);

// For text that others wrote and that may quote a secret: each of `secrets` becomes a mask, also as
// JSON writes it. Shorter ones than four bytes are left: they are parts of ordinary words.
std::string masked(std::string text, const std::vector<std::string>& secrets);
// The same in every text inside `body`.
void mask_texts(nlohmann::json& body, const std::vector<std::string>& secrets);

}  // namespace marvel::deploy
