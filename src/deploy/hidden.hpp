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
//
// Who uses it: render() finds the places (hidden_places) and keeps them in each Object; a rollout
// stores them with a revision, so that a later run, which does not know the values, hides them too;
// hide() is called before a body is shown. A server's messages have no places: there the texts
// themselves (hidden_texts) are looked for and masked.
//
// Values are found by place and not by what they are, because a secret "true" would hide every
// field that is true. Nothing here fails, and any thread may call it.
using Hidden = std::map<std::string, std::string>;

// One step of such a path: ".key", or "[key]" where the key has dots, slashes or brackets. The path
// of a whole document is empty. For those who walk along documents and compare with Hidden's keys.
std::string path_of_key(const std::string& path, const std::string& key);
// Whether every item of a list has a name (a text `name`) that no other has. True for an empty one.
bool has_named_items(const nlohmann::json& list);

// The places where `real` and `masked` differ: one document, filled in with secrets and without.
// A map in which secrets became keys is one place as a whole, and so are two lists of different
// lengths. What is no text in `masked` is shown as the bare mask.
Hidden hidden_places(const nlohmann::json& real, const nlohmann::json& masked);

// Puts what is shown at the places of `hidden` that `body` has: always text, so a number becomes
// text, and a map as a whole one mask. Places that `body` has not are skipped.
void hide(nlohmann::json& body, const Hidden& hidden);

// The texts that stand at the places, and the parts of them that are the secret itself:
// "db:hunter2@host" and "hunter2" where "db:********@host" is shown. Where several secrets stand in
// one text, only the whole. Numbers and truth values are left out. `body` must not be hidden yet.
std::vector<std::string> hidden_texts(const nlohmann::json& body, const Hidden& hidden);

// For text that others wrote and that may quote a secret: each of `secrets` becomes a mask, also as
// JSON writes it. Shorter ones than four bytes are left: they are parts of ordinary words. Longer
// secrets go first, so that no part of one is left behind when another is a part of it.
std::string masked(std::string text, const std::vector<std::string>& secrets);
// The same in every text inside `body`; its keys stay as they are.
void mask_texts(nlohmann::json& body, const std::vector<std::string>& secrets);

}  // namespace marvel::deploy
