#include "cli/deploy_images_command.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/ask.hpp"
#include "cli/bind.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/deploy_command.hpp"
#include "cli/deploy_images_view.hpp"
#include "config/paths.hpp"
#include "deploy/images/archive.hpp"
#include "deploy/images/credentials.hpp"
#include "deploy/images/image_uses.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/scheduling/landing.hpp"
#include "deploy/taint/writer.hpp"
#include "net/proxy.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

namespace marvel::cli {
namespace {

using namespace deploy::images;

constexpr const char* kPasswordVariable = "MARVEL_REGISTRY_PASSWORD";

// What every verb needs to talk to a registry.
struct RegistryFlags {
  std::string registry;  // for images whose name has none
  bool insecure = false;
  std::string ca_file;
  std::string username;
  std::string password_file;
  std::string password;  // once it is read; no flag
  std::string timeout = "60s";
};

void bind_registry(Binder& bind, RegistryFlags& flags,
                   const std::string& registry_help =
                       "For images without a registry in their name; else docker.io") {
  bind.group("Registry");
  bind.value("--registry", "HOST[:PORT]", flags.registry, registry_help);
  bind.flag("--insecure", flags.insecure, "Speak plain HTTP to the registry");
  bind.value("--ca-file", "FILE", flags.ca_file,
             "Certificates to trust in place of the system's (PEM)")
      .files = Files::kFile;
  bind.value("--username", "NAME", flags.username,
             "Log in by this name; else as 'docker login' stored");
  bind.value("--password-file", "FILE", flags.password_file,
             "The password for --username, - for standard input")
      .files = Files::kFile;
  bind.value("--timeout", "TIME", flags.timeout, "Give up when nothing moves for so long");
}

Result<std::string> read_password(const RegistryFlags& flags, const Environment& environment) {
  std::string password;
  if (flags.password_file == "-") {
    std::getline(std::cin, password);
  } else if (!flags.password_file.empty()) {
    MARVEL_TRY(password, read_file(flags.password_file));
    password.resize(std::min(password.find_first_of("\r\n"), password.size()));
  } else {
    password = environment.get(kPasswordVariable).value_or("");
  }
  if (password.empty()) {
    return fail(Errc::kUsage, "there is no password for --username",
                std::string("give --password-file, or the variable ") + kPasswordVariable);
  }
  return password;
}

// `repository` may be empty: then only what is stored for the whole registry counts.
Result<RegistryOptions> registry_options(const RegistryFlags& flags, const std::string& host,
                                         const std::string& repository, Session& session) {
  RegistryOptions options;
  options.host = host;
  options.plain_http = flags.insecure;
  options.http.tls.ca_file = flags.ca_file;
  options.http.proxies = net::proxies_from(session.environment);
  options.http.max_body = std::uint64_t{16} << 20;
  MARVEL_TRY(options.http.timeouts.idle, parse_duration(flags.timeout));
  if (!flags.username.empty()) {
    std::string password = flags.password;
    if (password.empty()) {
      MARVEL_TRY(password, read_password(flags, session.environment));
    }
    options.credential = Credential{flags.username, std::move(password)};
  } else {
    MARVEL_TRY(options.credential, find_credential(session.environment, host, repository));
  }
  return options;
}

Result<Registry> connect(const RegistryFlags& flags, const std::string& host,
                         const std::string& repository, Session& session) {
  MARVEL_TRY(auto options, registry_options(flags, host, repository, session));
  return Registry(std::move(options), session.context.stop);
}

// --- list ---

struct ListFlags {
  RegistryFlags registry;
  std::string place;
};

Result<Answer> run_list(const ListFlags& flags, Session& session) {
  if (flags.place.empty() && flags.registry.registry.empty()) {
    return fail(Errc::kUsage, "no registry", "name it, as in localhost:5000, or give --registry");
  }
  MARVEL_TRY(const auto place, parse_place(flags.place, flags.registry.registry));
  MARVEL_TRY(auto registry, connect(flags.registry, place.registry, place.repository, session));
  MARVEL_TRY(const auto rows, list_tags(registry, place.repository, session.context));
  return images_list_answer(place.registry, rows);
}

void add_list(CommandTree& tree, CLI::App& images) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy images list localhost:5000 --insecure", "all of a registry"},
      {"marvel deploy images list registry.example/grn/sed", "one repository's tags"}};
  const auto flags = std::make_shared<ListFlags>();
  notes.run = [flags](Session& session) { return run_list(*flags, session); };
  CLI::App& command =
      tree.add(images, "list", "List images with tags, digests, sizes and platforms", "Images",
               std::move(notes));
  Binder bind(tree, command);
  bind_registry(bind, flags->registry);
  bind.this_run_only(true);
  bind.positional("place", flags->place, "REGISTRY or REGISTRY/REPOSITORY");
}

// --- inspect ---

struct InspectFlags {
  RegistryFlags registry;
  std::string image;
};

Result<Answer> run_inspect(const InspectFlags& flags, Session& session) {
  MARVEL_TRY(const auto reference, parse_reference(flags.image, flags.registry.registry));
  MARVEL_TRY(auto registry,
             connect(flags.registry, reference.registry, reference.repository, session));
  MARVEL_TRY(const auto inspection, inspect(registry, reference));
  return images_inspect_answer(reference.text(), inspection);
}

void add_inspect(CommandTree& tree, CLI::App& images) {
  CommandNotes notes;
  notes.examples = {{"marvel deploy images inspect registry.example/grn/sed:1.2", "one image"}};
  const auto flags = std::make_shared<InspectFlags>();
  notes.run = [flags](Session& session) { return run_inspect(*flags, session); };
  CLI::App& command = tree.add(images, "inspect", "Show an image's platforms, config and layers",
                               "Images", std::move(notes));
  Binder bind(tree, command);
  bind_registry(bind, flags->registry);
  bind.this_run_only(true);
  bind.positional("image", flags->image, "Image in a registry").required = true;
}

// --- push ---

struct PushFlags {
  RegistryFlags registry;
  std::string archive;
  std::string image;
  std::string member;
  std::vector<std::string> mount_from;
  int jobs = 3;
  std::optional<std::uint64_t> chunk;
};

// Repositories of the same registry: those named, and the one that the archive's own name says.
std::vector<std::string> mount_candidates(const PushFlags& flags, const ArchiveImage& image,
                                          const Reference& target) {
  std::vector<std::string> repositories = flags.mount_from;
  const auto named = parse_reference(image.name, flags.registry.registry);
  if (named && named->registry == target.registry) {
    repositories.push_back(named->repository);
  }
  std::erase(repositories, target.repository);
  return repositories;
}

Result<Answer> run_push(const PushFlags& flags, Session& session) {
  MARVEL_TRY(const auto target, parse_reference(flags.image, flags.registry.registry));
  if (flags.jobs < 1 || flags.jobs > 64) {
    return fail(Errc::kUsage, "--jobs must be from 1 to 64");
  }
  PushOptions options;
  for (const auto& repository : flags.mount_from) {
    if (!is_repository(repository)) {
      return fail(Errc::kUsage, "'" + repository + "' is no repository");
    }
  }
  options.upload.chunk = flags.chunk.value_or(options.upload.chunk);
  if (options.upload.chunk < (std::uint64_t{64} << 10) ||
      options.upload.chunk > (std::uint64_t{1} << 30)) {
    return fail(Errc::kUsage, "--chunk must be from 64KiB to 1GiB");
  }
  MARVEL_TRY(options.registry,
             registry_options(flags.registry, target.registry, target.repository, session));
  MARVEL_TRY(auto source, open_file(flags.archive));
  MARVEL_TRY(const auto image, read_archive(std::move(source), flags.member, session.context));
  options.mount_from = mount_candidates(flags, image, target);
  options.jobs = flags.jobs;
  const auto cache = cache_folder(session.environment);
  options.journal = cache.empty() ? cache : cache / "uploads";
  MARVEL_TRY(const auto report, push(image, target, options, session.context));
  return images_push_answer(target.text(), report);
}

void add_push(CommandTree& tree, CLI::App& images) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy images push sed.tar registry.example/grn/sed:1.2", "an image of an archive"},
      {"docker save sed:1.2 -o sed.tar", "makes such an archive"}};
  const auto flags = std::make_shared<PushFlags>();
  notes.run = [flags](Session& session) { return run_push(*flags, session); };
  CLI::App& command =
      tree.add(images, "push", "Push an image from a tar archive", "Images", std::move(notes));
  Binder bind(tree, command);
  bind_registry(bind, flags->registry);
  bind.group("Push");
  bind.value("--jobs", "N", flags->jobs, "Uploads side by side");
  bind.size("--chunk", flags->chunk, "Bytes per request; default 16MiB");
  bind.this_run_only(true);
  bind.value("--image", "NAME", flags->member, "Which image, by its name or digest in the archive");
  bind.list("--mount-from", "REPOSITORY", flags->mount_from,
            "Take layers from this repository of the registry; may be given again");
  auto& archive = bind.positional("archive", flags->archive, "tar in OCI layout or of docker save");
  archive.files = Files::kFile;
  archive.required = true;
  bind.positional("image", flags->image, "REGISTRY/REPOSITORY:TAG to push it to").required = true;
}

// --- delete ---

struct RemoveFlags {
  RegistryFlags registry;
  std::string image;
  bool all_tags = false;
  bool dry_run = false;
  bool yes = false;
};

Result<Answer> run_remove(const RemoveFlags& flags, Session& session) {
  MARVEL_TRY(const auto reference, parse_reference(flags.image, flags.registry.registry));
  MARVEL_TRY(auto registry,
             connect(flags.registry, reference.registry, reference.repository, session));
  MARVEL_TRY(const auto removal, plan_removal(registry, reference, session.context.stop));
  std::vector<std::string> others = removal.tags;
  std::erase(others, reference.digest.empty() ? reference.version() : reference.tag);
  const std::string repository = reference.registry + "/" + reference.repository;
  if (!others.empty() && !flags.all_tags) {
    return fail(Errc::kConflict,
                "these tags share the digest of " + reference.text() + ": " + join(others, ", "),
                "registries delete by digest, so they would go as well; --all-tags allows it");
  }
  if (flags.dry_run) {
    return images_remove_answer(repository, removal, false);
  }
  const std::string what = reference.text() + (others.empty() ? "" : " and " + join(others, ", "));
  MARVEL_TRY_STATUS(agree({"Delete " + what + "?", "to delete", "nothing was deleted"}, flags.yes));
  MARVEL_TRY_STATUS(registry.delete_manifest(reference.repository, removal.digest));
  return images_remove_answer(repository, removal, true);
}

void add_remove(CommandTree& tree, CLI::App& images) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy images delete registry.example/grn/sed:1.1 --dry-run client",
       "what would go"},
      {"marvel deploy images delete registry.example/grn/sed:1.1 --yes", "delete without asking"}};
  const auto flags = std::make_shared<RemoveFlags>();
  notes.run = [flags](Session& session) { return run_remove(*flags, session); };
  CLI::App& command =
      tree.add(images, "delete", "Delete an image from a registry", "Images", std::move(notes));
  Binder bind(tree, command);
  bind_registry(bind, flags->registry);
  bind.group("Deletion");
  bind.this_run_only(true);
  bind.flag("--all-tags", flags->all_tags, "Also when other tags have the same digest");
  bind.choice(
      "--dry-run", {"none", "client"}, 0,
      [flags](std::size_t index) { flags->dry_run = index == 1; }, "Say what would be deleted");
  bind.flag("--yes", flags->yes, "Do not ask");
  bind.positional("image", flags->image, "Image in a registry").required = true;
}

// --- check ---

struct CheckFlags {
  explicit CheckFlags(const Predefined& predefined) : manifests(predefined) {}

  RegistryFlags registry;
  ManifestFlags manifests;
  std::vector<std::string> platforms;
  bool nodes = false;
  ClusterFlags cluster;
};

Status check_owner(const RegistryFlags& flags) {
  if (flags.registry.empty() &&
      (flags.insecure || !flags.ca_file.empty() || !flags.username.empty())) {
    return fail(Errc::kUsage, "--insecure, --ca-file and --username are for one registry",
                "name it with --registry");
  }
  return {};
}

Result<std::vector<scheduling::Node>> nodes_of_cluster(const CheckFlags& flags, Session& session) {
  ClusterFlags cluster = flags.cluster;
  cluster.namespace_name = flags.manifests.space;
  cluster.timeout = flags.registry.timeout;
  MARVEL_TRY(const auto connection, cli::connect(cluster, session));
  kube::Client client(connection);
  return taint::list_nodes(client, "");
}

// Those of the nodes that the pods of `object` may land on.
std::vector<Platform> platforms_of(const deploy::Object& object,
                                   const std::vector<scheduling::Node>& nodes, Log& log) {
  std::vector<Platform> platforms;
  const auto read = scheduling::pod_of_workload(object.body());
  const auto pod = read ? *read : std::nullopt;
  if (!pod.has_value()) {
    return platforms;
  }
  for (const auto& text : scheduling::landing_platforms(pod.value(), nodes)) {
    if (auto platform = parse_platform(text)) {
      platforms.push_back(std::move(*platform));
    }
  }
  if (platforms.empty()) {
    log.warning(object.label() + " fits on no node of the cluster: any platform will do");
  }
  return platforms;
}

Result<Answer> run_check(const CheckFlags& flags, Session& session) {
  std::vector<Platform> platforms;
  for (const auto& text : flags.platforms) {
    MARVEL_TRY(platforms.emplace_back(), parse_platform(text));
  }
  MARVEL_TRY(const auto templates, read_templates(flags.manifests, session));
  MARVEL_TRY(const auto values, read_values(flags.manifests, templates, session));
  MARVEL_TRY(const auto targets, read_targets(flags.manifests));
  MARVEL_TRY(const auto rendered, render_files(templates, values, targets, true));
  MARVEL_TRY_STATUS(check_owner(flags.registry));
  // A template may name any host; what the flags say is for the one registry alone.
  RegistryFlags others;
  others.timeout = flags.registry.timeout;
  RegistryFlags own = flags.registry;
  const RegistryMaker make = [&](const Reference& image) -> Result<Registry> {
    const bool is_own = image.registry == own.registry;
    if (is_own && !own.username.empty() && own.password.empty()) {  // standard input has it once
      MARVEL_TRY(own.password, read_password(own, session.environment));
    }
    return connect(is_own ? own : others, image.registry, image.repository, session);
  };
  std::vector<scheduling::Node> nodes;
  if (flags.nodes) {
    MARVEL_TRY(nodes, nodes_of_cluster(flags, session));
  }
  const auto uses = image_uses(rendered.objects, [&](const deploy::Object& object) {
    return flags.nodes ? platforms_of(object, nodes, session.context.log) : std::vector<Platform>();
  });
  MARVEL_TRY(const auto rows, check_images(uses, platforms, make, session.context));
  return images_check_answer(rows);
}

void add_check(CommandTree& tree, CLI::App& images, const Predefined& predefined) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy images check sed.yaml", "are all images of a template there?"},
      {"marvel deploy images check sed.yaml --platform linux/arm64", "and for this platform?"},
      {"marvel deploy images check sed.yaml --layer GRNEDGE1 --nodes",
       "and for that layer's nodes?"}};
  notes.exit_codes = {{"1", "an image is missing, misnamed or not for the platform"},
                      {"3", "a registry could not be asked; no image is known to be bad"}};
  const auto flags = std::make_shared<CheckFlags>(predefined);
  notes.run = [flags](Session& session) { return run_check(*flags, session); };
  CLI::App& command =
      tree.add(images, "check", "Do all images of templates exist, and fit the nodes?", "Images",
               std::move(notes));
  Binder bind(tree, command);
  bind_registry(bind, flags->registry, "The one that --insecure, --ca-file and --username are for");
  bind.this_run_only(true);
  bind_manifests(bind, flags->manifests);
  bind_targets(bind, flags->manifests);
  bind.group("Platforms");
  bind.list("--platform", "OS/ARCH", flags->platforms,
            "Platform that each image must have, as linux/arm64; may be given again");
  bind.flag("--nodes", flags->nodes, "Those of the cluster's nodes that the pods may land on");
  bind.this_run_only(false);
  bind_access(bind, flags->cluster);
}

}  // namespace

void register_deploy_images(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy images push sed.tar registry.example/grn/sed:1.2", "send an image"},
      {"marvel deploy images check app.yaml --platform linux/arm64", "before it is deployed"}};
  CLI::App& images = tree.add(deploy, "images", "Images in registries", "Images", std::move(notes));
  add_list(tree, images);
  add_inspect(tree, images);
  add_push(tree, images);
  add_remove(tree, images);
  add_check(tree, images, predefined);
}

}  // namespace marvel::cli
