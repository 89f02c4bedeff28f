/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- KX-UTG: XML (PAN-1) ---- */

static const struct prov_str utg_groups[] = {
    PROV_STR_INIT("Initial"),
    PROV_STR_INIT("Device"),
};

#define READ_ONLY PROV_PARAM_READ_ONLY
#define OVERRIDES PROV_PARAM_OVERRIDES

static const struct prov_param_perm utg_perms[] = {
    { PROV_STR_INIT(""), 0 },
    { PROV_STR_INIT("RW"), 0 },
    { PROV_STR_INIT("R"), READ_ONLY },
    { PROV_STR_INIT("!"), OVERRIDES },
    { PROV_STR_INIT("!RW"), OVERRIDES },
    { PROV_STR_INIT("!R"), OVERRIDES | READ_ONLY },
};

static const struct prov_param_rules utg_params = {
    .file_bytes = 240 * 1024,
    .root = PROV_STR_INIT("PANASIPPhoneConfig"),
    .groups = utg_groups,
    .group_count = COUNT(utg_groups),
    .index_element = PROV_STR_INIT("Line"),
    .index = PROV_STR_INIT("idx"),
    .perm = PROV_STR_INIT("perm"),
    .access = PROV_STR_INIT("access"),
    .perms = utg_perms,
    .perm_count = COUNT(utg_perms),
    .equal = PROV_CFG_LAST,
};

#define FILE_OVERRIDES(r) .rank = (r), .overrides = true
#define USER(r) .rank = (r), .yields = true

/* Standard, product, master: what an earlier file gave stays. The user is above them, unless the
 * file says otherwise. What the factory has set is no file. */
const struct prov_layer_rules prov_panasonic_utg_layers = {
    .params = &utg_params,
    .layers = {
        [PROV_LAYER_FACTORY] = { .rank = 0 },
        [PROV_LAYER_INITIAL] = { FILE_OVERRIDES(1) },
        [PROV_LAYER_MASTER] = { FILE_OVERRIDES(2) },
        [PROV_LAYER_PRODUCT] = { FILE_OVERRIDES(3) },
        [PROV_LAYER_STANDARD] = { FILE_OVERRIDES(4) },
        [PROV_LAYER_USER] = { USER(5) },
    },
};

/* ---- KX-HDV and the older KX-UT: text (PAN-2) ---- */

static const struct prov_param_rules hdv_params = { .cfg = &prov_panasonic_hdv_cfg };

/* Files and user are of one rank: the later setting counts. */
const struct prov_layer_rules prov_panasonic_hdv_layers = {
    .params = &hdv_params,
    .layers = {
        [PROV_LAYER_FACTORY] = { .rank = 0 },
        [PROV_LAYER_INITIAL] = { .rank = 1 },
        [PROV_LAYER_MASTER] = { .rank = 2 },
        [PROV_LAYER_PRODUCT] = { .rank = 2 },
        [PROV_LAYER_STANDARD] = { .rank = 2 },
        [PROV_LAYER_USER] = { USER(2) },
    },
};

/* The user always counts. */
const struct prov_layer_rules prov_panasonic_ut_layers = {
    .params = &hdv_params,
    .layers = {
        [PROV_LAYER_FACTORY] = { .rank = 0 },
        [PROV_LAYER_INITIAL] = { .rank = 1 },
        [PROV_LAYER_MASTER] = { .rank = 2 },
        [PROV_LAYER_PRODUCT] = { .rank = 3 },
        [PROV_LAYER_STANDARD] = { .rank = 4 },
        [PROV_LAYER_USER] = { USER(5) },
    },
};
