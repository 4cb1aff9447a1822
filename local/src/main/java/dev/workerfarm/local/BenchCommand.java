package dev.workerfarm.local;

import picocli.CommandLine.Command;

/** {@code farm bench}: what is measured, and not only tested. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = StartBench.class,
        description = "Measures the farm on this machine.")
final class BenchCommand {}
