package dev.workerfarm.cli.calls;

import dev.workerfarm.pool.MapOptions;
import picocli.CommandLine.Option;

/** The flag that says how many items go into a message. Filled by picocli. */
final class ChunkOption {
    @Option(names = "--chunk-size", paramLabel = "N", description = "Items a message. Default: sized by measured time.")
    private int size;

    /** @throws IllegalArgumentException if it is negative */
    MapOptions options() {
        return MapOptions.DEFAULT.withChunkSize(size);
    }
}
