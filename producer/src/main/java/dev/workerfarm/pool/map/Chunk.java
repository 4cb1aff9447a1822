package dev.workerfarm.pool.map;

import dev.workerfarm.wire.Outcome;
import java.util.concurrent.CompletableFuture;

/**
 * A part of a map's input that was published, and what is to come of it.
 *
 * @param start the index of its first item
 * @param count how many items it has, at least 1
 */
record Chunk(long start, int count, CompletableFuture<Outcome> outcome) {}
