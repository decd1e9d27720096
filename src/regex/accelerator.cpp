#include "regex/accelerator.hpp"

#include <system_error>

namespace marvel::regex {
namespace {

// The host needs some ten milliseconds for this much, and a driver takes longer to load.
constexpr std::uint64_t kWorthADevice = std::uint64_t{32} << 20;

}  // namespace

Status check_device(const std::string& device) {
  if (device == "auto" || device == "host") {
    return {};
  }
  const auto found = opencl::find_device({}, device);
  return !found && found.error().code == Errc::kUsage ? Status(fail(found.error())) : Status();
}

Accelerator::Accelerator(const PatternSet& set, DeviceChoice choice)
    : set_(set), choice_(std::move(choice)) {}

Accelerator::~Accelerator() {
  if (starting_.joinable()) {
    starting_.join();
  }
}

void Accelerator::expect(std::uint64_t bytes) {
  if (started_ || choice_.device == "host") {
    return;
  }
  if (!is_automatic()) {
    started_ = true;
    make_ready();
  } else if (bytes >= kWorthADevice) {
    started_ = true;
    if (opencl::may_have_gpu()) {
      try {
        starting_ = std::thread([this] { make_ready(); });
      } catch (const std::system_error&) {
        choice_.device = "host";  // which can do all the work
      }
    }
  }
}

Result<opencl::Device> Accelerator::choose() const {
  MARVEL_TRY(const auto devices, opencl::list_devices());
  return opencl::find_device(devices, is_automatic() ? "gpu" : choice_.device);
}

void Accelerator::make_ready() {
  const auto device = choose();
  if (!device) {
    if (!is_automatic()) {
      give_up(device.error());
    }
    return;
  }
  auto engine = opencl::Engine::make(*device, set_, choice_.cache);
  if (!engine) {
    give_up(engine.error());
    return;
  }
  const std::lock_guard lock(mutex_);
  engine_ = std::move(*engine);
}

std::shared_ptr<const opencl::Engine> Accelerator::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

void Accelerator::give_up(const Error& error) {
  const std::lock_guard lock(mutex_);
  engine_.reset();
  failure_ = error;
}

std::optional<Error> Accelerator::take_failure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failure_, std::nullopt);
}

}  // namespace marvel::regex
