package dev.workerfarm.cli;

import picocli.CommandLine.Command;

/** {@code farm bench}: what is measured, and not only tested. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = BenchStartCommand.class,
        description = "Measures the farm on this machine.",
        footer = {
            "",
            "Exit codes: 0 measured, 1 something of it failed, 2 wrong usage.",
            "",
            "Examples:",
            "  ./farm bench start",
            "  ./farm bench start --help"
        })
final class BenchCommand {}
