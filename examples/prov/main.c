/* SPDX-License-Identifier: MIT */

/* prov: what an IP phone would do with addresses, provisioning files and a server. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/export.h>

#include "commands.h"
#include "text.h"

static const struct command commands[] = {
    { "expand", "[--raw] [--json] [DEVICE OPTION]... URL...",
      "replace the markers of addresses by the values of a device",
      "Prints each URL with its markers replaced, one a line. What is no marker of the dialect\n"
      "stays as it is. User name and password of an address are shown as ***.",
      command_expand },
    { "resolve", "--base URL [--json] [DEVICE OPTION]... FILE",
      "list the addresses that a reference file leads to",
      "FILE is a reference file that was fetched from the URL given by --base. Prints the "
      "addresses\n"
      "it names, in order, after markers and resolution.",
      command_resolve },
    { "dhcp",
      "[--v6] [--option43] [--enterprise N] [--region us] [--json] [DEVICE OPTION]... FILE\n"
      "       prov dhcp --params [--v6] [--json] [DEVICE OPTION]...",
      "show what a phone makes of DHCP data",
      "FILE holds the options field or a whole message of DHCP, as bytes or as hexadecimal digits\n"
      "with or without colons and white space; '-' stands for the standard input. Prints the\n"
      "options, what each source of the dialect makes of them, and the address that wins.\n"
      "--params prints the options that a client has to request, one a line.",
      command_dhcp },
    { "apply",
      "[-o FILE] [--user FILE] [--explain PATH]... [--json] [DEVICE OPTION]... SETTINGS CHANGE...",
      "apply change files to settings",
      "Prints the new settings, or writes them to the file given with -o; what happened to each\n"
      "section goes to stderr. A file of any type but a reference file can be a change. '-' "
      "stands\n"
      "for the standard input. --explain says which file, line and rule a setting comes from. "
      "With\n"
      "the panasonic dialects files are layers of parameters; --user gives the user's own.",
      command_apply },
    { "check", "[--settings FILE] [--xsd DIR] [--json] [DEVICE OPTION]... FILE...",
      "say what a phone would say about files",
      "Checks type, well-formedness and limits of each file. With --settings the files are also\n"
      "applied, one after the other, to a copy of these settings in memory; nothing is written.\n"
      "With --xsd each file is also checked against the XML schema of its kind in a folder.",
      command_check },
    { "diff", "[--json] [DEVICE OPTION]... OLD NEW",
      "list the settings that differ between two files",
      "Prints a line for each setting that was added (+), removed (-) or is different (~), with "
      "file\n"
      "and line on both sides, and whether a phone has to restart for it. No value is printed. "
      "'-'\n"
      "stands for the standard input.",
      command_diff },
    { "plan",
      "[--mode ipv4|ipv6|dual] [--dhcp4 FILE] [--dhcp6 FILE] [--pnp URL] [--redirect URL]\n"
      "                 [--manual URL] [--settings FILE] [--disable SOURCE]... [--json]\n"
      "                 [DEVICE OPTION]...",
      "say where a phone would get its address from, and why",
      "Asks nobody: --dhcp4, --dhcp6, --pnp and --redirect are what would be answered, and\n"
      "what is not given answers nothing. Prints every source in the order of asking, with its\n"
      "outcome and the reason, then the winner and the addresses to fetch, one a line. Of\n"
      "sources that are asked at the same time a phone takes the first answer; here it is the\n"
      "one listed first. Sources: manual pnp dhcp dhcp-160 dhcp-159 dhcp-150 dhcp-125 dhcp-66\n"
      "dhcp-43 dhcpv6 dhcpv6-59 redirect.",
      command_plan },
    { "decrypt",
      "--key KEY|--key-file FILE [--cipher BITS] [--digest NAME] [-o FILE] [--binary] [--json]\n"
      "                    [DEVICE OPTION]... FILE",
      "decrypt a file that was made with openssl enc",
      "FILE is base64 with salt, as 'openssl enc -aes-128-cbc -a -salt' writes it; '-' stands for\n"
      "the standard input. Prints what was in it, or writes it to the file given with -o; which\n"
      "cipher fitted goes to stderr. A key on the command line can be seen by other users for a\n"
      "moment, one in a file cannot.",
      command_decrypt },
    { "run",
      "--state DIR [--url URL] [--interface IF [--allow-notify HOST]...] [--redirect-url URL]\n"
      "                [--once] [--hex] [--trace FILE] [--json] [DEVICE OPTION]...",
      "do a whole provisioning run against the real network",
      "Finds the address, fetches all files, applies them to the settings in DIR and keeps the\n"
      "result there. With --interface it looks for the address by DHCP and SIP PnP, as a phone\n"
      "does. What fails by network or store, and a search in vain, is tried again after a\n"
      "while; with --interface it then stays, and does another run when a check-sync comes.\n"
      "--once ends it after the first attempt. A check-sync is taken as the settings in DIR\n"
      "say, or from the hosts given by --allow-notify.",
      command_run },
    { "trace", "[--json | --svg [-o FILE]] TRACE",
      "show a recorded run as a time line or a diagram",
      "TRACE is a file that 'prov run --trace' wrote; '-' stands for the standard input. Prints "
      "one\n"
      "line for each event: when, between whom, what, and why. --svg draws a sequence diagram "
      "that\n"
      "any browser shows.",
      command_trace },
    { "replay", "[--json] TRACE", "do a recorded run once more and compare",
      "Tells a fresh session what the trace says it was told, at the recorded times, and compares\n"
      "what it does with what was recorded. Exit code 0: the same; 1: the first difference was\n"
      "printed. Nothing is fetched, nothing is written.",
      command_replay },
    { "schedule",
      "(--settings FILE | --state DIR) [--from TIME] [--zone TZ]\n"
      "                  [--count N]",
      "print when a phone would run next, and why",
      "Reads the rules from the settings and prints the next runs: date, trigger, and how the "
      "time\n"
      "comes about. What is drawn and what belongs to this device are those of a real phone with\n"
      "this MAC address. The exit code is 5 if there are no runs by schedule.",
      command_schedule },
    { "serve",
      "[--port N] [--listen ADDRESS]\n"
      "                  [--pnp [--pnp-url URL] [--interface IF] [--check-sync PHONE]...] DIR",
      "serve the files of a folder over HTTP, for tests",
      "Answers GET and HEAD with the files below DIR and prints one line for each request.\n"
      "With --pnp it also tells its address to phones that look for their server by SIP PnP,\n"
      "and can send them a check-sync. Ends on SIGINT and SIGTERM.",
      command_serve },
    { "listen", "--interface IF [--group ADDRESS:PORT] [--count N] [--seconds N] [--raw] [--json]",
      "print every SUBSCRIBE that phones send by SIP PnP",
      "Joins the multicast group and prints one line for each request that it sees: who asks,\n"
      "and what it says about itself. Answers nothing, so it does not disturb. Ends on SIGINT\n"
      "and SIGTERM; the exit code is 5 if nothing was seen.",
      command_listen },
};

static void
print_help(void)
{
    puts("usage: prov COMMAND [OPTION]... [OPERAND]...\n\ncommands:");
    for (size_t i = 0; i < TOOL_COUNT(commands); i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    puts("\n'prov COMMAND --help' explains one of them. 'prov --version' prints the version.\n\n"
         "exit codes: 0 done, 1 input refused, 2 usage, 3 outside failure (network, store, a file\n"
         "that cannot be read or written), 4 applied in part, 5 nothing found");
}

static int
unknown(const char *word)
{
    char *shown = tool_show_operand(word);

    fprintf(stderr, "prov: unknown command '%s'; there are", shown);
    for (size_t i = 0; i < TOOL_COUNT(commands); i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", commands[i].name);
    fputs("\n", stderr);
    free(shown);
    return TOOL_USAGE;
}

static int
dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < TOOL_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(&commands[i], argc - 2, argv + 2);
    }
    return unknown(argv[1]);
}

int
main(int argc, char **argv)
{
    /* A reader that went away is an output error with a message, not a sudden end. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        fputs("prov: a command is missing\nTry 'prov --help'.\n", stderr);
        return TOOL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return TOOL_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("prov " PROV_VERSION);
        return TOOL_DONE;
    }
    return dispatch(argc, argv);
}
