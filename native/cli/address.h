// Files that a person names by an address.
#pragma once

#include <filesystem>
#include <string>

#include "native/cli/context.h"
#include "native/launch/model_choice.h"

namespace fair::cli {

/// `given` where it is a path; the file or folder that an address stands for, brought to this machine: below the workspace where there is one, else
/// in the person's cache.
[[nodiscard]] Result<std::filesystem::path> on_this_machine(const Context& context, const std::string& given);

/// As launch::choose_model; an address of an ONNX file serves without a workspace too.
[[nodiscard]] Result<launch::ChosenModel> chosen_model(const Context& context, const std::string& what, store::Workspace* workspace);
/// Whether everybody can read what a published http(s) address names: its first byte is asked for. Errors name the address.
Result<> reachable(const std::string& address);

}  // namespace fair::cli
