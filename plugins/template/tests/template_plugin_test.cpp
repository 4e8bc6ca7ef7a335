// What this model promises beyond what every plugin must do (`fair plugins check` looks at that): put your own numbers here.
#include <cstdio>
#include <cstdlib>

#include "core/plugin/sdk_test.h"

extern "C" std::int32_t fair_plugin_template_plugin(const fair_host_table* host, fair_plugin_table* out);

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "expected %s\n", what);
  std::exit(1);
}

}  // namespace

int main() {
  fair::sdk::TestHost host(&fair_plugin_template_plugin);
  expect(host.describe().find("\"template_plugin\"") != std::string::npos, "a description that names the plugin");
  try {
    host.create("{}");
    expect(false, "an item that says nothing to be refused");
  } catch (const std::runtime_error& refused) {
    expect(refused.what()[0] != '\0', "the refusal to say why");
  }
  auto model = host.create(fair::sdk::test_config({32, 32, 3}, {"background", "building"}));
  const std::vector<float> input = model.preprocess(std::vector<std::uint8_t>(std::size_t{32} * 32 * 3, 255), 32, 32, 3, {1, 3, 32, 32});
  expect(input.front() > 0.999F && input.front() < 1.001F && input.back() == input.front(), "white to become 1");
  std::puts("template_plugin: as expected");
  return 0;
}
