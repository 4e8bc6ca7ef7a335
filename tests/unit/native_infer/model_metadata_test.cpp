#include "native/infer/model_metadata.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "native/onnx/builder.h"
#include "native/onnx/write.h"

namespace fair::infer {
namespace {

namespace fs = std::filesystem;

class ModelMetadata : public ::testing::Test {
 protected:
  fs::path path = fs::temp_directory_path() / ("fair-metadata-" + std::to_string(::getpid()) + ".onnx");
  void TearDown() override { fs::remove(path); }
  void write(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  static onnx::Model model() {
    onnx::Builder b("m", 18, 1);
    b.identity("y", b.relu("r", b.input("x", {{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}})));
    b.output("y", {{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}});
    return std::move(b).build("1");
  }
};

TEST_F(ModelMetadata, FindsAnEntryOrNone) {
  onnx::Model m = model();
  m.set_metadata("a", "1");
  m.set_metadata("b", "two");
  write(onnx::serialize(m));
  EXPECT_EQ(**model_metadata(path, "b"), "two");
  EXPECT_FALSE(model_metadata(path, "c")->has_value());
}

TEST_F(ModelMetadata, ABareModelCarriesItsSpec) {
  stac::ModelSpec spec;
  spec.id = "m";
  spec.name = "unet-segmentation";
  spec.input.name = "x";
  spec.input.shape = {-1, 3, 8, 8};
  spec.input.height = spec.input.width = 8;
  spec.output.name = "segmentation";
  spec.output.classes = {{0, "background", ""}, {1, "building", "ff0000"}};
  spec.gsd = 0.3;
  onnx::Model m = model();
  m.set_metadata("fair.item", spec.to_metadata().dump());
  write(onnx::serialize(m));
  const auto read = spec_of_model(path);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->name, "unet-segmentation");
  EXPECT_EQ(read->output.classes[1].name, "building");
  EXPECT_EQ(read->gsd, 0.3);
}

TEST_F(ModelMetadata, FaultsAreNamed) {
  EXPECT_EQ(model_metadata(path, "a").error().code, Code::not_found);
  write("");
  EXPECT_FALSE(model_metadata(path, "a"));
  write("not a model at all");
  EXPECT_FALSE(model_metadata(path, "a"));
  const std::string bytes = onnx::serialize(model());
  write(bytes.substr(0, bytes.size() / 2));
  EXPECT_FALSE(model_metadata(path, "a"));
  write(bytes);
  const auto bare = spec_of_model(path);
  ASSERT_FALSE(bare);
  EXPECT_NE(bare.error().message().find("STAC item"), std::string::npos);
  onnx::Model m = model();
  m.set_metadata("fair.item", "{not json");
  write(onnx::serialize(m));
  EXPECT_FALSE(spec_of_model(path));
  EXPECT_FALSE(model_metadata(fs::temp_directory_path(), "a"));
}

}  // namespace
}  // namespace fair::infer
