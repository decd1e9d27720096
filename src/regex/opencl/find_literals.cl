// Marks the places where one of many literals begins, in any case of its letters: one bit per byte
// of text. The tables are those of qgram_filter.hpp. Twelve bytes behind the text must be readable.

uint half_at(__global const uchar* restrict text, uint at, uint mask) {
  return (as_uint(vload4(0, text + at)) | 0x20202020u) & mask;
}

uchar folded(uchar c) {
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool stands_at(__global const uchar* restrict text, __global const uchar* restrict literal,
               uint length) {
  for (uint i = 0; i < length; ++i) {
    if (folded(text[i]) != literal[i]) {
      return false;
    }
  }
  return true;
}

// Whether `hash`, of 32 bits, is among those in a table of 2^(32 - shift) bits.
bool has_bit(__global const uint* restrict bits, uint hash, uint shift) {
  const uint place = hash >> shift;
  return bits[place >> 5] >> (place & 31) & 1;
}

// `last` is where the second half of a gram begins. `hashes` holds the hash of each window and
// `places` its literal, and where it begins there. `literals` holds for each literal where it
// begins in `letters`, and at the end where the last one ends.
__kernel void find_literals(__global const uchar* restrict text, uint size, uint piece, uint stride,
                            uint mask, uint last, ulong window_mask, uint gram_shift,
                            uint window_shift, uint bucket_shift, __global const uint* restrict grams,
                            __global const uint* restrict windows,
                            __global const uint* restrict buckets,
                            __global const uint* restrict hashes,
                            __global const uint2* restrict places,
                            __global const uint* restrict literals,
                            __global const uchar* restrict letters, __global uint* restrict found) {
  const uint begin = (uint)get_global_id(0) * piece;
  const uint end = min(begin + piece, size);
  for (uint at = begin; at < end; at += stride) {
    if (!has_bit(grams, half_at(text, at, mask) * 0x9E3779B1u +
                            half_at(text, at + last, mask) * 0x85EBCA77u, gram_shift)) {
      continue;
    }
    for (uint offset = 0; offset < stride && offset <= at; ++offset) {
      const uint window = at - offset;
      const ulong bytes = (as_ulong(vload8(0, text + window)) | 0x2020202020202020UL) & window_mask;
      const uint hash = (uint)(bytes * 0x9E3779B97F4A7C15UL >> 32);
      if (!has_bit(windows, hash, window_shift)) {
        continue;
      }
      const uint bucket = hash >> bucket_shift;
      for (uint i = buckets[bucket]; i < buckets[bucket + 1]; ++i) {
        const uint literal = literals[places[i].x];
        const uint length = literals[places[i].x + 1] - literal;
        const uint start = window - places[i].y;
        if (hashes[i] == hash && places[i].y <= window && length <= size - start &&
            stands_at(text + start, letters + literal, length)) {
          atomic_or(&found[start >> 5], 1u << (start & 31));
        }
      }
    }
  }
}
