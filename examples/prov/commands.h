/* SPDX-License-Identifier: MIT */
#ifndef TOOL_COMMANDS_H
#define TOOL_COMMANDS_H

/* One file for each. argv holds what follows the command's name. */

#include "options.h"

int command_apply(const struct command *self, int argc, char **argv);
int command_check(const struct command *self, int argc, char **argv);
int command_decrypt(const struct command *self, int argc, char **argv);
int command_dhcp(const struct command *self, int argc, char **argv);
int command_diff(const struct command *self, int argc, char **argv);
int command_expand(const struct command *self, int argc, char **argv);
int command_listen(const struct command *self, int argc, char **argv);
int command_plan(const struct command *self, int argc, char **argv);
int command_replay(const struct command *self, int argc, char **argv);
int command_resolve(const struct command *self, int argc, char **argv);
int command_run(const struct command *self, int argc, char **argv);
int command_schedule(const struct command *self, int argc, char **argv);
int command_serve(const struct command *self, int argc, char **argv);
int command_trace(const struct command *self, int argc, char **argv);

#endif /* TOOL_COMMANDS_H */
