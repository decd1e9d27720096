#pragma once

// The only include of LibTorch in the project. Headers that the command line or the torch-free
// kernels read stay without it: batch_source, dense_kernels, hard_concrete and all of compress/ but
// what works on networks. ivalue.h comes first because clang rejects <torch/torch.h> alone under
// C++20 (incomplete c10::IValue inside std::vector).
#include <ATen/core/ivalue.h>
#include <torch/script.h>
#include <torch/torch.h>
#include <torch/version.h>
