/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_STR_H
#define PROV_BASE_STR_H

/* Bytes, without the locale: isalnum() and friends follow it, RFC 3986 and XML do not. */

#include <prov/str.h>

static inline bool
prov_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
prov_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
prov_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* 0..15, or -1 if it is no hexadecimal digit. */
static inline int
prov_hex_value(char c)
{
    if (prov_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Value of a digit of base64, 0..63, or -1. */
static inline int
prov_base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (prov_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static inline char
prov_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char
prov_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

#endif /* PROV_BASE_STR_H */
