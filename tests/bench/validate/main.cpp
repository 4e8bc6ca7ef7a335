// bench_validate SCHEMAS ITEM.json [RUNS]: milliseconds to compile an item's schemas and to validate it once they are compiled.
// bench_validate --verdicts SCHEMAS FILE.jsonl: one line of JSON a document, its findings by schema; what tests/parity/validate_mutations.py
// compares.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "core/stac/rules.h"
#include "native/io/atomic_file.h"
#include "native/schema/validator.h"

namespace {

double milliseconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

struct Times {
  double median, least;
};

template <class Work>
Times clock(int runs, Work work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(milliseconds(std::chrono::steady_clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front()};
}

void say(const char* what, Times times) { std::cout << what << ": median " << times.median << " ms, least " << times.least << " ms\n"; }

int verdicts(fair::schema::Validator& validator, const char* path) {
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const auto document = fair::parse_json(line, path);
    fair::Json answer{{"schemas", fair::Json::array()}, {"rules", fair::Json::array()}};
    if (document) {
      for (const auto& finding : validator.validate(*document)) answer["schemas"].push_back(finding.to_json());
      for (const auto& finding : fair::stac::validate_document(*document)) answer["rules"].push_back(finding.to_json());
      answer["valid"] = validator.is_valid(*document);
    }
    std::cout << answer.dump(-1, ' ', false, fair::Json::error_handler_t::replace) << "\n";
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  const bool asked = !arguments.empty() && arguments[0] == "--verdicts";
  if (arguments.size() < (asked ? 3U : 2U)) {
    std::cerr << "usage: bench_validate SCHEMAS ITEM.json [RUNS] | bench_validate --verdicts SCHEMAS FILE.jsonl\n";
    return 2;
  }
  fair::schema::Options options;
  options.schemas = arguments[asked ? 1 : 0];
  options.download = false;
  fair::schema::Validator validator(options);
  if (asked) return verdicts(validator, arguments[2].c_str());

  const auto text = fair::io::read_whole(arguments[1]);
  const auto document = text ? fair::parse_json(*text, arguments[1]) : fair::Result<fair::Json>(tl::unexpected(text.error()));
  if (!document) {
    std::cerr << document.error().message() << "\n";
    return 1;
  }
  const int runs = arguments.size() > 2 ? std::max(1, std::stoi(arguments[2])) : 200;
  fair::stac::Findings findings;
  say("first, with compiling its schemas", clock(1, [&] { findings = validator.validate(*document); }));
  for (const auto& finding : findings) std::cout << "  " << finding.to_json().dump() << "\n";
  say("schemas, warm", clock(runs, [&] { findings = validator.validate(*document); }));
  say("schemas and fAIr's rules, warm", clock(runs, [&] {
        findings = validator.validate(*document);
        static_cast<void>(fair::stac::validate_document(*document));
      }));
  say("parsing, schemas and fAIr's rules, warm", clock(runs, [&] {
        const auto fresh = fair::parse_json(*text, arguments[1]);
        findings = validator.validate(*fresh);
        static_cast<void>(fair::stac::validate_document(*fresh));
      }));
  return fair::stac::acceptable(findings) ? 0 : 3;
}
