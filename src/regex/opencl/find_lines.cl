// Walks an automaton (see dfa.hpp) over text and marks the ends of the lines that match, one bit
// per byte of text. A work item takes four pieces of text, because each step of a walk waits for
// memory and four such waits overlap. A piece owns the lines that begin in it, so neighbours agree
// without talking to each other.

// Where the first line at or behind `at` begins.
uint line_begin(__global const uchar* restrict text, uint size, uint at) {
  if (at == 0) {
    return 0;
  }
  while (at < size && text[at - 1] != '\n') {
    ++at;
  }
  return min(at, size);
}

void mark(__global uint* found, uint at) {
  atomic_or(&found[at >> 5], 1u << (at & 31));
}

// One piece from `at` to `end`, from state `s`.
void walk(__global const uchar* restrict text, __global const uint* restrict table,
          __global const uchar* restrict class_of, uint hit, __global uint* found, uint s, uint at,
          uint end) {
  for (; at < end; ++at) {
    s = table[s + class_of[text[at]]];
    if (s == hit) {
      mark(found, at);
    }
  }
}

__kernel void find_lines(__global const uchar* restrict text, uint size, uint piece,
                         __global const uint* restrict table,
                         __global const uchar* restrict class_of, uint hit,
                         __global uint* restrict found) {
  const uint first = (uint)get_global_id(0) * 4;
  uint a = line_begin(text, size, min(first * piece, size));
  uint b = line_begin(text, size, min((first + 1) * piece, size));
  uint c = line_begin(text, size, min((first + 2) * piece, size));
  uint d = line_begin(text, size, min((first + 3) * piece, size));
  const uint a_end = b;
  const uint b_end = c;
  const uint c_end = d;
  const uint d_end = line_begin(text, size, min((first + 4) * piece, size));
  const uint steps = min(min(a_end - a, b_end - b), min(c_end - c, d_end - d));
  uint s = 0;
  uint t = 0;
  uint u = 0;
  uint v = 0;
  for (uint i = 0; i < steps; ++i) {
    s = table[s + class_of[text[a + i]]];
    t = table[t + class_of[text[b + i]]];
    u = table[u + class_of[text[c + i]]];
    v = table[v + class_of[text[d + i]]];
    if ((s == hit) | (t == hit) | (u == hit) | (v == hit)) {
      if (s == hit) {
        mark(found, a + i);
      }
      if (t == hit) {
        mark(found, b + i);
      }
      if (u == hit) {
        mark(found, c + i);
      }
      if (v == hit) {
        mark(found, d + i);
      }
    }
  }
  walk(text, table, class_of, hit, found, s, a + steps, a_end);
  walk(text, table, class_of, hit, found, t, b + steps, b_end);
  walk(text, table, class_of, hit, found, u, c + steps, c_end);
  walk(text, table, class_of, hit, found, v, d + steps, d_end);
}
