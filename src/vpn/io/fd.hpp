#pragma once

// Fd, the owner of a descriptor. It lies in namespace marvel, so files of this folder need no other
// name for it.
#include "base/fd.hpp"
