package dev.workerfarm.admin;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.RedisUnreachableException;
import org.jspecify.annotations.Nullable;

/**
 * What became of a revocation; at least one of the two ways worked.
 *
 * @param notStored why Redis does not keep the ids for workers that are not connected now, or null: it does
 * @param notBroadcast why the connected workers did not get the ids, or null: they did
 */
public record Revocation(
        @Nullable RedisUnreachableException notStored,
        @Nullable BrokerUnreachableException notBroadcast) {}
