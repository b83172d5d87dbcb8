// The plain digest functions: the ones that look an algorithm up by name cost more than hashing eighty bytes.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>
