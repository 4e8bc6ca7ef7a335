#include "native/infer/shard_file.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "core/pipeline/inference_parameters.h"
#include "core/pipeline/shard_merger.h"
#include "core/stac/model_spec.h"
#include "core/vector/area_document.h"

namespace fair::infer {
namespace fs = std::filesystem;
namespace {

constexpr const char* format = "fair shard 1";
/// Of a record: what a damaged file says must not ask for all memory.
constexpr std::uint64_t most_values = 1U << 28U;

/// One of what a share found; `bytes` follow.
struct Record {
  enum Kind : std::uint32_t { rows = 1, boxes, label, end };
  std::uint32_t kind = end, source = 0;
  std::int64_t first = 0;              ///< row, or window
  std::uint32_t count = 0, width = 0;  ///< rows and pixels of each; of windows numbers, and pixels of `valid`
  std::uint32_t borders = 0, reserved = 0;
};

Json to_json(const geo::BlockGrid& g) {
  std::string present;
  for (const bool there : g.present) present += there ? '1' : '0';
  return {{"crs", g.crs == geo::Crs::wgs84 ? "EPSG:4326" : "EPSG:3857"},
          {"transform", std::vector<double>(g.transform.a, g.transform.a + 6)},
          {"block", {g.block_width, g.block_height}},
          {"blocks", {g.columns, g.rows}},
          {"size", {g.width, g.height}},
          {"origin", {g.origin_column, g.origin_row}},
          {"zoom", g.zoom},
          {"present", present}};
}

geo::BlockGrid grid_of(const Json& json) {
  geo::BlockGrid g;
  g.crs = json.at("crs") == "EPSG:4326" ? geo::Crs::wgs84 : geo::Crs::web_mercator;
  const auto transform = json.at("transform").get<std::vector<double>>();
  std::copy_n(transform.begin(), std::min<std::size_t>(6, transform.size()), g.transform.a);
  g.block_width = json.at("block").at(0).get<std::int32_t>(), g.block_height = json.at("block").at(1).get<std::int32_t>();
  g.columns = json.at("blocks").at(0).get<std::int64_t>(), g.rows = json.at("blocks").at(1).get<std::int64_t>();
  g.width = json.at("size").at(0).get<std::int64_t>(), g.height = json.at("size").at(1).get<std::int64_t>();
  g.origin_column = json.at("origin").at(0).get<std::int64_t>(), g.origin_row = json.at("origin").at(1).get<std::int64_t>();
  g.zoom = json.at("zoom").get<std::int32_t>();
  for (const char c : json.at("present").get<std::string>()) g.present.push_back(c == '1');
  return g;
}

tl::unexpected<Error> damaged(const fs::path& path, const std::string& found) {
  return fail(Code::invalid, path.string(), "a shard that fair predict --shard wrote", found, "predict that shard again");
}

/// A shard's file from its first record on.
class Reader {
 public:
  static Result<Reader> open(const fs::path& path) {
    Reader out;
    out.path_ = path;
    out.file_.reset(gzopen(path.c_str(), "rb"));
    if (!out.file_) return fail(Code::not_found, path.string(), "a shard's file", "none that can be read", "check its name");
    std::string line;
    for (int c = gzgetc(out.file_.get()); c != '\n'; c = gzgetc(out.file_.get())) {
      if (c < 0 || line.size() > (64U << 20U)) return damaged(path, "another kind of file");
      line += static_cast<char>(c);
    }
    FAIR_TRY_ASSIGN(const Json json, parse_json(line, path.string()));
    FAIR_TRY_ASSIGN(out.header, ShardHeader::from_json(json, path.string()));
    FAIR_TRY(out.next());
    return out;
  }

  ShardHeader header;
  Record record;  ///< the next one, not yet read on

  template <class T>
  Result<> read(std::vector<T>& values, std::size_t n) {
    values.resize(n);
    return read(static_cast<void*>(values.data()), n * sizeof(T));
  }
  Result<> next() { return read(&record, sizeof record); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  Result<> read(void* to, std::size_t bytes) {
    auto* at = static_cast<char*>(to);
    while (bytes > 0) {
      const int got = gzread(file_.get(), at, static_cast<unsigned>(std::min<std::size_t>(bytes, 1U << 30U)));
      if (got <= 0) return damaged(path_, "an end too early");
      at += got;
      bytes -= static_cast<std::size_t>(got);
    }
    return {};
  }

  fs::path path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_{nullptr, gzclose};
};

/// Hands what a shard found in one source to the merger.
Result<> replay(Reader& shard, std::size_t source, pipeline::ShardMerger& merger) {
  std::vector<std::uint8_t> mask, valid;
  std::vector<std::uint16_t> scores, borders;
  std::vector<float> numbers;
  while (shard.record.kind != Record::end && shard.record.source == source) {
    const Record r = shard.record;
    const std::uint64_t values = r.kind == Record::rows ? std::uint64_t{r.count} * r.width : std::uint64_t{r.count} + r.width;
    if (values > most_values) return damaged(shard.path(), std::to_string(values) + " values in one record");
    if (r.kind == Record::rows) {
      const auto n = static_cast<std::size_t>(r.count) * r.width;
      FAIR_TRY(shard.read(mask, n));
      FAIR_TRY(shard.read(scores, n));
      if (r.borders != 0) FAIR_TRY(shard.read(borders, n));
      FAIR_TRY(
          merger.rows(r.first, static_cast<std::int32_t>(r.count), r.width, mask.data(), scores.data(), r.borders != 0 ? borders.data() : nullptr));
    } else if (r.kind == Record::boxes || r.kind == Record::label) {
      FAIR_TRY(shard.read(numbers, r.count));
      FAIR_TRY(shard.read(valid, r.width));
      const auto n = static_cast<std::int64_t>(numbers.size());
      const bool boxes = r.kind == Record::boxes;
      if (boxes && n % 7 != 0) return damaged(shard.path(), "boxes of other than seven numbers");
      plugin::PostResult result;
      result.kind = boxes ? plugin::ResultKind::boxes : plugin::ResultKind::label;
      result.shape = boxes ? std::vector<std::int64_t>{n / 7, 7} : std::vector<std::int64_t>{1, n};
      result.data = numbers;
      FAIR_TRY(merger.window(r.first, result, valid));
    } else {
      return damaged(shard.path(), "a record of kind " + std::to_string(r.kind));
    }
    FAIR_TRY(shard.next());
  }
  return {};
}

}  // namespace

Json ShardHeader::to_json() const {
  Json sources = Json::array();
  for (const geo::BlockGrid& grid : grids) sources.push_back(infer::to_json(grid));
  return {{"format", format},      {"index", index},           {"count", count}, {"model", model},
          {"plugin", description}, {"parameters", parameters}, {"area", area},   {"grids", sources}};
}

Result<ShardHeader> ShardHeader::from_json(const Json& json, const std::string& thing) {
  ShardHeader out;
  try {
    if (json.at("format") != format) return damaged(thing, "format " + json.at("format").dump());
    out.index = json.at("index").get<std::int64_t>();
    out.count = json.at("count").get<std::int64_t>();
    out.model = json.at("model");
    out.description = json.at("plugin");
    out.parameters = json.at("parameters");
    out.area = json.at("area");
    for (const Json& grid : json.at("grids")) out.grids.push_back(grid_of(grid));
  } catch (const Json::exception& e) {
    return damaged(thing, e.what());
  }
  if (out.count < 1 || out.index < 0 || out.index >= out.count)
    return damaged(thing, "shard " + std::to_string(out.index) + " of " + std::to_string(out.count));
  return out;
}

struct ShardWriter::State {
  ShardHeader header;
  fs::path path, hidden;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file{nullptr, gzclose};
  std::vector<std::unique_ptr<Source>> sources;
  /// Sources overlap in time, but stand one after the other in the file.
  std::vector<std::string> waiting;
  std::size_t open = 0;

  Result<> put(std::size_t source, const Record& record, std::initializer_list<std::pair<const void*, std::size_t>> parts) {
    std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
    for (const auto& [data, size] : parts) {
      if (size > 0) bytes.append(static_cast<const char*>(data), size);
    }
    if (source != open) {
      waiting[source] += bytes;
      return {};
    }
    return write(bytes);
  }
  Result<> write(const std::string& bytes) const {
    if (bytes.empty() || gzwrite(file.get(), bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size())) return {};
    return fail(Code::io, path.string(), "room for a shard", "writing failed", "check the disk");
  }
  /// A later source's findings go to the file once those before have theirs there: their features are taken in this order.
  Result<> reach(std::size_t source) {
    while (open < source && open + 1 < waiting.size()) {
      ++open;
      FAIR_TRY(write(std::exchange(waiting[open], {})));
    }
    return {};
  }
};

class ShardWriter::Source final : public pipeline::ShardSink {
 public:
  Source(State& state, std::size_t number) : state_(state), number_(number) {}

  Result<> rows(std::int64_t first, std::int32_t count, std::size_t width, const std::uint8_t* mask, const std::uint16_t* scores,
                const std::uint16_t* borders) override {
    Record record;
    record.kind = Record::rows, record.source = static_cast<std::uint32_t>(number_), record.first = first;
    record.count = static_cast<std::uint32_t>(count), record.width = static_cast<std::uint32_t>(width);
    record.borders = borders != nullptr ? 1 : 0;
    const std::size_t n = static_cast<std::size_t>(count) * width;
    return state_.put(number_, record, {{mask, n}, {scores, n * 2}, {borders, borders != nullptr ? n * 2 : 0}});
  }

  Result<> window(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) override {
    std::vector<float> numbers;
    const auto wide = static_cast<std::size_t>(result.shape[1]);
    if (result.kind == plugin::ResultKind::label) {
      numbers.assign(result.data.begin() + within * result.shape[1], result.data.begin() + (within + 1) * result.shape[1]);
    } else {
      for (std::size_t r = 0; r < static_cast<std::size_t>(result.shape[0]); ++r) {
        if (static_cast<std::int64_t>(result.data[r * wide]) != within) continue;
        numbers.push_back(0);  // alone in its result
        numbers.insert(numbers.end(), result.data.begin() + static_cast<std::ptrdiff_t>(r * wide + 1),
                       result.data.begin() + static_cast<std::ptrdiff_t>((r + 1) * wide));
      }
    }
    Record record;
    record.kind = result.kind == plugin::ResultKind::label ? Record::label : Record::boxes;
    record.source = static_cast<std::uint32_t>(number_), record.first = window;
    record.count = static_cast<std::uint32_t>(numbers.size()), record.width = static_cast<std::uint32_t>(valid.size());
    return state_.put(number_, record, {{numbers.data(), numbers.size() * sizeof(float)}, {valid.data(), valid.size()}});
  }

 private:
  State& state_;
  std::size_t number_;
};

ShardWriter::ShardWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

ShardWriter::~ShardWriter() {
  if (!state_->file) return;
  state_->file.reset();
  ::unlink(state_->hidden.c_str());
}

Result<std::unique_ptr<ShardWriter>> ShardWriter::create(const fs::path& path, const ShardHeader& header) {
  auto state = std::make_unique<State>();
  state->header = header;
  state->path = path;
  state->hidden = path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()));
  state->file.reset(gzopen(state->hidden.c_str(), "wb3"));
  if (!state->file) return fail(Code::io, path.string(), "a file that can be written", std::strerror(errno), "check the folder");
  for (std::size_t i = 0; i < header.grids.size(); ++i) state->sources.push_back(std::make_unique<Source>(*state, i));
  state->waiting.resize(header.grids.size());
  FAIR_TRY(state->write(header.to_json().dump() + "\n"));
  return std::unique_ptr<ShardWriter>(new ShardWriter(std::move(state)));
}

pipeline::ShardSink& ShardWriter::sink(std::size_t source) { return *state_->sources.at(source); }

const ShardHeader& ShardWriter::header() const { return state_->header; }

Result<> ShardWriter::reach(std::size_t source) { return state_->reach(source); }

Result<> ShardWriter::write(std::vector<vector::Feature>&&) { return {}; }

Result<> ShardWriter::finish() {
  State& s = *state_;
  if (!s.sources.empty()) FAIR_TRY(s.reach(s.sources.size() - 1));
  const Record end;
  FAIR_TRY(s.write(std::string(reinterpret_cast<const char*>(&end), sizeof end)));
  if (gzclose(s.file.release()) != Z_OK || std::rename(s.hidden.c_str(), s.path.c_str()) != 0) {
    ::unlink(s.hidden.c_str());
    return fail(Code::io, s.path.string(), "room for a shard", "it cannot be completed", "check the disk");
  }
  return {};
}

void name_source(std::size_t source, std::size_t sources, const geo::BlockGrid& grid, pipeline::InferenceOptions& options) {
  if (sources > 1 && grid.zoom < 0 && options.vectorize.id_prefix.empty()) options.vectorize.id_prefix = std::to_string(source + 1);
}

pipeline::Shard share_of(const ShardHeader& header, std::size_t source) {
  pipeline::Shard out;
  out.count = header.count;
  out.index = (header.index + static_cast<std::int64_t>(source)) % header.count;
  return out;
}

Result<std::int64_t> merge_shards(const std::vector<fs::path>& files,
                                  const std::function<Result<std::unique_ptr<FeatureSink>>(const ShardHeader&)>& sink) {
  std::vector<Reader> shards;
  for (const fs::path& file : files) {
    FAIR_TRY_ASSIGN(Reader one, Reader::open(file));
    shards.push_back(std::move(one));
  }
  if (shards.empty()) return fail(Code::usage, "shards", "at least one", "none");
  const ShardHeader& header = shards.front().header;
  std::string missing;
  for (std::int64_t i = 0; i < header.count; ++i) {
    const auto found = std::count_if(shards.begin(), shards.end(), [&](const Reader& r) { return r.header.index == i; });
    if (found == 0) missing += (missing.empty() ? "" : ", ") + std::to_string(i);
    if (found > 1) return fail(Code::usage, "shard " + std::to_string(i), "one file", std::to_string(found), "give each shard once");
  }
  for (const Reader& shard : shards) {
    Json mine = shard.header.to_json(), first = header.to_json();
    mine.erase("index"), first.erase("index");
    if (mine != first) {
      return fail(Code::incompatible, shard.path().string(), "a shard of the same prediction as " + shards.front().path().string(), "another's",
                  "merge the shards of one prediction");
    }
  }
  if (!missing.empty()) return fail(Code::not_found, "shards", "all " + std::to_string(header.count), "none for " + missing, "predict them");
  FAIR_TRY_ASSIGN(const stac::ModelSpec model, stac::ModelSpec::from_metadata(header.model, "the shards' model"));
  FAIR_TRY_ASSIGN(pipeline::InferenceOptions options, pipeline::inference_options(model, header.parameters));
  if (!header.area.is_null()) {
    FAIR_TRY_ASSIGN(options.area, vector::polygons_from(header.area, "the shards' area"));
  }
  FAIR_TRY_ASSIGN(const auto out, sink(header));
  std::int64_t features = 0;
  const auto hand_on = [&](pipeline::ShardMerger& merger) -> Result<> {
    std::vector<vector::Feature> some = merger.take();
    features += static_cast<std::int64_t>(some.size());
    return some.empty() ? Result<>() : out->write(std::move(some));
  };
  for (std::size_t source = 0; source < header.grids.size(); ++source) {
    pipeline::InferenceOptions here = options;
    name_source(source, header.grids.size(), header.grids[source], here);
    FAIR_TRY_ASSIGN(auto merger, pipeline::ShardMerger::create(model, header.description, header.grids[source], here));
    std::vector<Reader*> in_order;
    for (Reader& shard : shards) in_order.push_back(&shard);
    std::sort(in_order.begin(), in_order.end(),
              [&](const Reader* a, const Reader* b) { return share_of(a->header, source).index < share_of(b->header, source).index; });
    for (Reader* shard : in_order) {
      FAIR_TRY(replay(*shard, source, merger));
      FAIR_TRY(hand_on(merger));
    }
    FAIR_TRY(merger.finish());
    FAIR_TRY(hand_on(merger));
  }
  for (const Reader& shard : shards) {
    if (shard.record.kind != Record::end) return damaged(shard.path(), "findings in no source of it");
  }
  FAIR_TRY(out->finish());
  return features;
}

}  // namespace fair::infer
