#pragma once

#include "base/fd.hpp"
