/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_H
#define PROV_BASE_H

/**
 * @file
 * @brief All of the base ring.
 */

#include <prov/abi.h>
#include <prov/arena.h>
#include <prov/buf.h>
#include <prov/diag.h>
#include <prov/export.h>
#include <prov/limits.h>
#include <prov/status.h>
#include <prov/str.h>

#endif /* PROV_BASE_H */
