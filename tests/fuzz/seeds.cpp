// Seeds for the fuzz targets: small files of every kind, and where there is a folder of other people's files these made small.
// usage: fuzz_seeds OUT [SHARED]
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include "native/io/atomic_file.h"
#include "native/onnx/builder.h"
#include "native/onnx/read.h"
#include "native/onnx/state_dict.h"
#include "native/onnx/write.h"
#include "native/weights/refused.h"
#include "native/weights/zip.h"

namespace fs = std::filesystem;
using namespace fair;

namespace {

int written = 0;

void put(const fs::path& folder, const std::string& name, const std::string& bytes) {
  fs::create_directories(folder);
  if (io::write_whole(folder / name, bytes)) ++written;
}

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

onnx::Model small_graph() {
  onnx::Builder b("small", 18, 1);
  const std::string x = b.input("image", {{-1, "batch"}, {3, ""}, {16, ""}, {16, ""}});
  const std::string y = b.relu("r", b.batch_norm("n", b.conv("c", x, {3, 2, 3, 1, true}), 2));
  b.output(b.identity("scores", b.upsample("u", y, 2, onnx::Builder::Resizing::linear)), {{-1, "batch"}, {2, ""}, {32, ""}, {32, ""}});
  return std::move(b).build("1");
}

/// Structure is what the reader can stumble over: weights become a few numbers.
void shrink(onnx::Model& model) {
  for (onnx::Tensor& t : model.graph.initializers) {
    if (t.elements() <= 8 || onnx::size_of(t.type) == 0) continue;
    t.dims.assign(t.dims.size(), 1);
    t.raw.resize(onnx::size_of(t.type));
  }
}

void own(const fs::path& out) {
  const onnx::Model graph = small_graph();
  put(out / "onnx", "small.onnx", onnx::serialize(graph));
  fs::create_directories(out / "torch");
  if (onnx::write_state_dict(out / "torch" / "small.pt", onnx::state_of(graph))) ++written;
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}})";
  put(out / "safetensors", "small.safetensors", number(header.size(), 8) + header + std::string(12, '\x3f'));
  const std::string ring = "[[[85.1,27.1],[85.2,27.1],[85.2,27.2],[85.1,27.1]]]";
  const std::string feature =
      R"({"type":"Feature","properties":{"class":"building","n":1},"geometry":{"type":"Polygon","coordinates":)" + ring + "}}";
  for (const char* target : {"area", "footprints"}) {
    put(out / target, "collection.geojson", R"({"type":"FeatureCollection","features":[)" + feature + "]}");
    put(out / target, "multi.geojson", R"({"type":"MultiPolygon","coordinates":[)" + ring + "]}");
    put(out / target, "point.geojson", R"({"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[85,27]}})");
  }
  put(out / "coco", "small.json",
      R"({"images":[{"id":1,"file_name":"a.png","width":64,"height":64}],"categories":[{"id":1,"name":"building"}],)"
      R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,30.5,4],"area":122,"iscrowd":0}]})");
  put(out / "class_table", "small.csv", "filename,class\r\na.png,building\r\n\"b,1.png\",\"no\"\"thing\"\r\n");
  put(out / "class_table", "semicolons.csv", "\xef\xbb\xbfLabel;Image\nx;a.tif\n");
  const std::string pickle = "\x80\x02}q\x01(X\x01" + number(0, 3) + "wctorch._utils\n_rebuild_tensor_v2\n((X\x07" + number(0, 3) +
                             "storagectorch\nFloatStorage\nX\x01" + number(0, 3) + "0X\x03" + number(0, 3) + "cpuK\x04NtQK" + number(0, 1) +
                             "K\x02K\x02\x86K\x02K\x01\x86\x89NtRu.";
  put(out / "pickle", "tensor.pkl", pickle);
  put(out / "pickle", "module.pkl",
      "\x80\x04"
      "cm\nM\n)\x81}(\x8c\x0b_parametersccollections\nOrderedDict\n)R\x8c\x08_modules}ub.");
  put(out / "pickle", "old.pkl", "(dp0\nS'a'\nI1\nsS'b'\nF1.5\nsVc\nL5L\ns(ios\nsystem\np1\n.");
  const std::string little = "X\x0d" + number(0, 3) + "little_endian";
  put(out / "torch", "legacy.pth",
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}" + little + "\x88s." + pickle + "\x80\x02]X\x01" +
          number(0, 3) + "0a." + number(4, 8) + std::string(16, '\x3f'));
}

void others(const fs::path& out, const fs::path& models) {
  for (const auto& entry : fs::recursive_directory_iterator(models)) {
    const std::string name = entry.path().filename().string(), kind = entry.path().extension().string();
    if (kind == ".onnx") {
      auto model = onnx::read_model(entry.path());
      if (!model) continue;
      shrink(*model);
      put(out / "onnx", name, onnx::serialize(*model));
    } else if (kind == ".pt" || kind == ".pth") {
      const auto bytes = io::read_whole(entry.path());
      if (!bytes || bytes->substr(0, 2) != "PK") continue;
      try {
        weights::ZipArchive zip(*bytes, name);
        for (const auto& [path, unused] : zip.entries()) {
          if (fs::path(path).filename() == "data.pkl") put(out / "pickle", name + ".pkl", std::string(zip.content(path)));
        }
      } catch (const weights::Refused& refused) {
        std::fprintf(stderr, "%s\n", refused.error.message().c_str());
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  own(argv[1]);
  if (argc > 2 && fs::is_directory(fs::path(argv[2]) / "models")) others(argv[1], fs::path(argv[2]) / "models");
  std::printf("%d seeds\n", written);
  return written > 10 ? 0 : 1;
}
