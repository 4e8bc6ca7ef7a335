#include "core/pipeline/graph_fit.h"

#include <gtest/gtest.h>

namespace fair::pipeline {
namespace {

struct Graph {
  Port in, out;
};
Graph graph(std::vector<std::int64_t> in, std::vector<std::int64_t> out) { return {{"x", std::move(in)}, {"y", std::move(out)}}; }

Result<stac::ModelSpec> fit_to_graph(const Graph& graph, const stac::ModelSpec& spec) { return pipeline::fit_to_graph(graph.in, graph.out, spec); }

stac::ModelSpec spec(stac::Layout layout = stac::Layout::nchw) {
  stac::ModelSpec s;
  s.input.shape = {-1, 3, 256, 256};
  s.input.layout = s.output.layout = layout;
  s.output.classes = {{0, "background", ""}, {1, "building", ""}};
  return s;
}

TEST(GraphFit, TakesWhatFits) {
  EXPECT_TRUE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 2, 256, 256}), spec()));
  EXPECT_TRUE(fit_to_graph(graph({-1, 3, -1, -1}, {-1, 2, -1, -1}), spec()));
  EXPECT_TRUE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 1, 256, 256}), spec())) << "one probability for two classes";
  EXPECT_TRUE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 3, 256, 256}), spec())) << "an extra channel for borders";
  EXPECT_TRUE(fit_to_graph(graph({-1, 256, 256, 3}, {-1, 256, 256, 1}), spec(stac::Layout::nhwc)));
}

TEST(GraphFit, FillsInWhatTheItemLeavesFree) {
  stac::ModelSpec open = spec();
  open.input.height = open.input.width = -1;
  const auto fitted = fit_to_graph(graph({2, 3, 128, 96}, {2, 2, 128, 96}), open);
  ASSERT_TRUE(fitted);
  EXPECT_EQ(fitted->input.height, 128);
  EXPECT_EQ(fitted->input.width, 96);
  EXPECT_EQ(fitted->input.shape[0], 2);
}

TEST(GraphFit, RefusesWhatDoesNotNamingBoth) {
  const auto bands = fit_to_graph(graph({-1, 4, 256, 256}, {-1, 2, 256, 256}), spec());
  ASSERT_FALSE(bands);
  EXPECT_NE(bands.error().message().find("3 bands"), std::string::npos);
  EXPECT_NE(bands.error().message().find("4 in the graph"), std::string::npos);
  EXPECT_FALSE(fit_to_graph(graph({-1, 3, 512, 512}, {-1, 2, 512, 512}), spec()));
  EXPECT_FALSE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 7, 256, 256}), spec()));
  EXPECT_FALSE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 2, 64, 64}), spec()));
  EXPECT_FALSE(fit_to_graph(graph({-1, 3, 256, 256}, {-1, 2}), spec()));
  EXPECT_FALSE(fit_to_graph(graph({-1, 10}, {-1, 2}), spec()));
  EXPECT_FALSE(fit_to_graph(graph({-1, 256, 256, 3}, {-1, 2, 256, 256}), spec())) << "NHWC graph, NCHW item";
}

TEST(GraphFit, DetectionsMayComeOtherwiseThanTheItemSaysWhichIsReported) {
  stac::ModelSpec detector = spec();
  detector.id = "yolo";
  detector.task = stac::Task::object_detection;
  detector.output.shape = {-1, -1, 6};
  const auto raw = fit_to_graph(graph({1, 3, 256, 256}, {1, 6, 1344}), detector);
  ASSERT_TRUE(raw) << raw.error().message();
  ASSERT_EQ(raw->notes.size(), 1U);
  EXPECT_NE(raw->notes[0].find("declares the output [-1, -1, 6] (finished boxes), its graph gives [1, 6, 1344] (a column an anchor)"),
            std::string::npos)
      << raw->notes[0];
  const auto finished = fit_to_graph(graph({1, 3, 256, 256}, {1, 300, 6}), detector);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->notes.empty());
  EXPECT_FALSE(fit_to_graph(graph({1, 3, 256, 256}, {1, 84, 1344}), detector)) << "80 classes";
  EXPECT_FALSE(fit_to_graph(graph({1, 3, 256, 256}, {1, 2, 256, 256}), detector));
}

}  // namespace
}  // namespace fair::pipeline
