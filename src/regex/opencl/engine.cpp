#include "regex/opencl/engine.hpp"

#include "regex/host_finder.hpp"
#include "regex/opencl/kernel_sources.hpp"
#include "regex/opencl/runtime.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace marvel::regex::opencl {
namespace {

// Bytes of text per work item. A CPU likes long pieces; a GPU wants many work items.
constexpr std::uint32_t kLinePiece = std::uint32_t{64} << 10;
constexpr std::uint32_t kLiteralPiece = std::uint32_t{128} << 10;
constexpr std::uint32_t kGpuPiece = 256;
constexpr std::uint32_t kStreams = 4;  // pieces that one work item of find_lines takes
// Work items of a group. Fixed, because drivers compile anew for another number.
constexpr std::size_t kGpuGroup = 64;

constexpr std::size_t kReadBehind = 12;  // bytes behind the text that a kernel may load

template <class T>
cl::Buffer upload(const cl::Context& context, const std::vector<T>& values) {
  const std::vector<T> one(1);  // OpenCL knows no empty buffer
  const std::vector<T>& data = values.empty() ? one : values;
  // The flag says that the driver copies, so it does not write there.
  return {context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, data.size() * sizeof(T),
          const_cast<T*>(data.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// --- Tables in the device's memory ---

}  // namespace

struct LiteralTables {
  LiteralTables(const cl::Context& context, const QgramFilter& filter) {
    std::vector<std::uint32_t> hash_list;
    std::vector<cl_uint2> place_list;
    for (const QgramFilter::Entry& entry : filter.entries()) {
      hash_list.push_back(entry.hash);
      place_list.push_back({{entry.literal, entry.begin}});
    }
    std::vector<std::uint32_t> begins;
    std::vector<char> all;
    for (const std::string& literal : filter.literals()) {
      begins.push_back(static_cast<std::uint32_t>(all.size()));
      all.insert(all.end(), literal.begin(), literal.end());
    }
    begins.push_back(static_cast<std::uint32_t>(all.size()));
    stride = static_cast<std::uint32_t>(filter.stride());
    const auto gram = static_cast<std::uint32_t>(filter.gram());
    mask = gram < 4 ? 0xFFFFFFU : ~0U;
    last = gram < 4 ? 0 : gram - 4;
    window_mask = filter.window_mask();
    gram_shift = static_cast<std::uint32_t>(32 - filter.gram_bits());
    window_shift = static_cast<std::uint32_t>(32 - filter.window_bits());
    bucket_shift = static_cast<std::uint32_t>(32 - filter.bucket_bits());
    grams = upload(context, filter.grams());
    windows = upload(context, filter.windows());
    buckets = upload(context, filter.buckets());
    hashes = upload(context, hash_list);
    places = upload(context, place_list);
    literals = upload(context, begins);
    letters = upload(context, all);
  }

  std::uint32_t stride;
  std::uint32_t mask;
  std::uint32_t last;
  std::uint64_t window_mask;
  std::uint32_t gram_shift;
  std::uint32_t window_shift;
  std::uint32_t bucket_shift;
  cl::Buffer grams, windows, buckets, hashes, places, literals, letters;
};

namespace {

struct DfaTables {
  DfaTables(const cl::Context& context, const Dfa& dfa)
      : table(upload(context, dfa.next)),
        class_of(
            upload(context, std::vector<std::uint8_t>(dfa.class_of.begin(), dfa.class_of.end()))),
        hit(dfa.hit()) {}

  cl::Buffer table, class_of;
  std::uint32_t hit;
};

struct PartTables {
  std::optional<LiteralTables> literals;
  std::vector<DfaTables> dfas;
  std::shared_ptr<const Program> left;  // patterns that no table has, or null
};

PartTables upload_part(const cl::Context& context, const PatternPart& part) {
  PartTables tables;
  if (part.filter) {
    tables.literals.emplace(context, *part.filter);
  }
  const auto groups = tables_of(part);
  for (const DfaGroup& group : groups->groups) {
    tables.dfas.emplace_back(context, group.dfa);
  }
  if (!tables.dfas.empty() && !groups->left.empty()) {
    tables.left = std::make_shared<const Program>(only(*part.program, groups->left));
  }
  return tables;
}

// --- Bitmaps ---

constexpr std::size_t kWordBits = 32;

// The first bit set at or behind `from`, or `size`.
std::size_t next_bit(const std::uint32_t* words, std::size_t from, std::size_t size) {
  if (from >= size) {
    return size;
  }
  const std::size_t count = (size + kWordBits - 1) / kWordBits;
  std::size_t at = from / kWordBits;
  std::uint32_t word = words[at] >> (from % kWordBits) << (from % kWordBits);
  while (word == 0) {
    if (++at == count) {
      return size;
    }
    word = words[at];
  }
  return at * kWordBits + static_cast<std::size_t>(std::countr_zero(word));
}

}  // namespace

// --- Engine ---

struct Kernels {
  cl::Context context;
  cl::Device device;
  cl::Program find_lines;     // null when no part needs it
  cl::Program find_literals;  // null when no part needs it
  std::vector<PartTables> parts;
};

namespace {

std::unique_ptr<Kernels> make_kernels(const Device& device, const PatternSet& set,
                                      const std::filesystem::path& cache) {
  auto kernels = std::make_unique<Kernels>();
  kernels->device = all_devices().at(static_cast<std::size_t>(device.number));
  kernels->context = cl::Context(kernels->device);
  bool lines = false;
  bool literals = false;
  for (const PatternPart& part : set.parts) {
    kernels->parts.push_back(upload_part(kernels->context, part));
    lines = lines || !kernels->parts.back().dfas.empty();
    literals = literals || kernels->parts.back().literals;
  }
  if (lines) {
    kernels->find_lines = build(kernels->context, kFindLinesSource, cache);
  }
  if (literals) {
    kernels->find_literals = build(kernels->context, kFindLiteralsSource, cache);
  }
  return kernels;
}

}  // namespace

Engine::Engine(std::unique_ptr<Kernels> kernels, Device device, const PatternSet& set)
    : kernels_(std::move(kernels)), device_(std::move(device)), set_(set) {}

Engine::~Engine() = default;

Result<std::shared_ptr<const Engine>> Engine::make(const Device& device, const PatternSet& set,
                                                   const std::filesystem::path& cache) {
  try {
    auto kernels = make_kernels(device, set, cache);
    if (kernels->find_lines() == nullptr && kernels->find_literals() == nullptr) {
      return fail(Errc::kUnavailable, "device " + std::to_string(device.number) + " (" +
                                          device.name +
                                          "): the patterns need larger tables than it gets");
    }
    return std::make_shared<const Engine>(std::move(kernels), device, set);
  } catch (const cl::BuildError& error) {
    std::string log = error.getBuildLog().empty() ? "" : error.getBuildLog()[0].second;
    std::replace(log.begin(), log.end(), '\n', ' ');
    return fail(Errc::kUnavailable, device.name + " refuses a kernel: " + log);
  } catch (const cl::Error& error) {
    return fail(error_of(error, device.name));
  }
}

Status warm_up(const Device& device, const std::filesystem::path& cache) {
  // One part with a filter, one without: both kernels.
  std::vector<Tree> trees;
  for (int i = 0; i < 100; ++i) {
    trees.push_back(*parse(i == 0   ? "[0-9]warm"
                           : i == 1 ? "[a-z]$"
                                    : "warm" + std::to_string(i),
                           {}));
  }
  const PatternSet set = make_set({}, trees);
  MARVEL_TRY(auto engine, Engine::make(device, set, cache));
  Finder finder(std::move(engine), std::size_t{1} << 20);
  // Drivers may keep one kernel for few work items and another one for many.
  for (const std::size_t size : {std::size_t{100}, std::size_t{8} << 20}) {
    std::string text(size, '.');
    text.back() = '\n';
    text.append(2 * kReadBehind, ' ');
    std::vector<std::uint32_t> ends;
    MARVEL_TRY_STATUS(finder.find(std::string_view(text).substr(0, size), ends));
  }
  return {};
}

// --- Finder ---

// What one thread needs to give a device work.
struct Queue {
  Queue(const Engine& its_engine, std::uint32_t wanted_piece)
      : engine(its_engine),
        is_gpu(engine.device().type == DeviceType::kGpu),
        piece(wanted_piece),
        queue(engine.kernels().context, engine.kernels().device) {
    if (engine.kernels().find_lines() != nullptr) {
      find_lines = cl::Kernel(engine.kernels().find_lines, "find_lines");
    }
    if (engine.kernels().find_literals() != nullptr) {
      find_literals = cl::Kernel(engine.kernels().find_literals, "find_literals");
    }
  }

  // Makes `text` visible to kernels.
  void set_text(std::string_view text) {
    const std::size_t bytes = text.size() + kReadBehind;
    size = static_cast<std::uint32_t>(text.size());
    if (engine.device().shares_memory) {
      buffer = cl::Buffer(engine.kernels().context, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, bytes,
                          // The kernels only read.
                          const_cast<char*>(text.data()));  // NOLINT(*-const-cast)
    } else {
      if (bytes > capacity) {
        buffer = cl::Buffer(engine.kernels().context, CL_MEM_READ_ONLY, bytes);
        capacity = bytes;
      }
      queue.enqueueWriteBuffer(buffer, CL_FALSE, 0, bytes, text.data());
    }
    const std::size_t words = (text.size() + kWordBits - 1) / kWordBits;
    if (words > found_words) {
      found = cl::Buffer(engine.kernels().context, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR,
                         words * sizeof(std::uint32_t));
      found_words = words;
    }
    queue.enqueueFillBuffer(found, std::uint32_t{0}, 0, words * sizeof(std::uint32_t));
  }

  void run_lines(const DfaTables& dfa) {
    const std::uint32_t bytes = piece_of(kLinePiece);
    cl_uint at = 0;
    find_lines.setArg(at++, buffer);
    find_lines.setArg(at++, size);
    find_lines.setArg(at++, bytes);
    find_lines.setArg(at++, dfa.table);
    find_lines.setArg(at++, dfa.class_of);
    find_lines.setArg(at++, dfa.hit);
    find_lines.setArg(at++, found);
    run(find_lines, std::size_t{bytes} * kStreams);
  }

  void run_literals(const LiteralTables& tables) {
    // A multiple of the stride, so that all work items probe one row of places.
    const std::uint32_t bytes = (piece_of(kLiteralPiece) / tables.stride + 1) * tables.stride;
    cl_uint at = 0;
    find_literals.setArg(at++, buffer);
    find_literals.setArg(at++, size);
    find_literals.setArg(at++, bytes);
    find_literals.setArg(at++, tables.stride);
    find_literals.setArg(at++, tables.mask);
    find_literals.setArg(at++, tables.last);
    find_literals.setArg(at++, tables.window_mask);
    find_literals.setArg(at++, tables.gram_shift);
    find_literals.setArg(at++, tables.window_shift);
    find_literals.setArg(at++, tables.bucket_shift);
    for (const auto* table :
         {&tables.grams, &tables.windows, &tables.buckets, &tables.hashes, &tables.places,
          &tables.literals, &tables.letters, &std::as_const(found)}) {
      find_literals.setArg(at++, *table);
    }
    run(find_literals, bytes);
  }

  // Calls visit(words) with the bitmap once all kernels are done.
  template <class Visit>
  void with_found(const Visit& visit) {
    const std::size_t bytes = (size + kWordBits - 1) / kWordBits * sizeof(std::uint32_t);
    void* const mapped = queue.enqueueMapBuffer(found, CL_TRUE, CL_MAP_READ, 0, bytes);
    visit(static_cast<const std::uint32_t*>(mapped));
    queue.enqueueUnmapMemObject(found, mapped);
  }

  const Engine& engine;
  bool is_gpu;
  std::uint32_t piece;  // bytes per stream; 0: what suits the device
  cl::CommandQueue queue;
  cl::Kernel find_lines;
  cl::Kernel find_literals;
  cl::Buffer buffer;  // the text
  std::size_t capacity = 0;
  std::uint32_t size = 0;
  cl::Buffer found;  // a bit per byte of text
  std::size_t found_words = 0;

 private:
  [[nodiscard]] std::uint32_t piece_of(std::uint32_t on_cpu) const {
    return piece > 0 ? piece : is_gpu ? kGpuPiece : on_cpu;
  }

  void run(const cl::Kernel& kernel, std::size_t bytes_per_item) const {
    const std::size_t group = is_gpu ? kGpuGroup : 1;
    const std::size_t items = (size + bytes_per_item - 1) / bytes_per_item;
    queue.enqueueNDRangeKernel(kernel, cl::NullRange,
                               cl::NDRange((items + group - 1) / group * group),
                               cl::NDRange(group));
  }
};

struct Finder::Part {
  const PartTables* tables;
  LineFinder all;                    // every pattern of the part, on the CPU
  std::unique_ptr<LineFinder> left;  // those that no table has
  Race race;                         // between the two kernels
};

Finder::Finder(std::shared_ptr<const Engine> engine, std::size_t memory_limit, const StopFlag* stop,
               std::uint32_t piece)
    : engine_(std::move(engine)), piece_(piece) {
  const auto& parts = engine_->set().parts;
  const std::size_t share = memory_limit / parts.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PartTables& tables = engine_->kernels().parts[i];
    parts_.push_back({&tables, LineFinder(*parts[i].program, share, stop), nullptr, Race()});
    if (tables.left) {
      parts_.back().left = std::make_unique<LineFinder>(*tables.left, share, stop);
    }
  }
}

Finder::~Finder() = default;

void Finder::find_literals(Part& part, const LiteralTables& literals, std::string_view text,
                           std::vector<std::uint32_t>& ends) {
  queue_->set_text(text);
  queue_->run_literals(literals);
  queue_->with_found([&](const std::uint32_t* words) {
    part.all.find_among(
        text, [&](std::size_t from) { return next_bit(words, from, text.size()); }, ends);
  });
}

void Finder::find_lines(Part& part, std::string_view text, std::vector<std::uint32_t>& ends) {
  if (part.tables->dfas.empty()) {
    part.all.find(text, ends);
    return;
  }
  queue_->set_text(text);
  for (const DfaTables& dfa : part.tables->dfas) {
    queue_->run_lines(dfa);
  }
  queue_->queue.flush();
  std::vector<std::uint32_t> more;
  if (part.left) {  // while the device works
    part.left->find(text, more);
  }
  ends.clear();
  queue_->with_found([&](const std::uint32_t* words) {
    for (std::size_t at = next_bit(words, 0, text.size()); at < text.size();
         at = next_bit(words, at + 1, text.size())) {
      ends.push_back(static_cast<std::uint32_t>(at));
    }
  });
  merge_ends(ends, more);
}

void Finder::find_part(Part& part, std::string_view text, std::vector<std::uint32_t>& ends) {
  if (const auto& literals = part.tables->literals) {
    part.race.run(
        text.size(), [&] { find_literals(part, *literals, text, ends); },
        [&] { find_lines(part, text, ends); });
  } else {
    find_lines(part, text, ends);
  }
}

Status Finder::find(std::string_view text, std::vector<std::uint32_t>& ends) {
  ends.clear();
  if (text.empty()) {
    return {};
  }
  try {
    if (!queue_) {
      queue_ = std::make_unique<Queue>(*engine_, piece_);
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      find_part(parts_[i], text, i == 0 ? ends : more_);
      if (i > 0) {
        merge_ends(ends, more_);
      }
    }
  } catch (const cl::Error& error) {
    return fail(error_of(error, engine_->device().name));
  }
  return {};
}

}  // namespace marvel::regex::opencl
