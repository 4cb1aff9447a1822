package dev.workerfarm.shared;

/**
 * The shared values and arrays of one namespace, by name. Threads may share it. Making a handle touches nothing; each
 * operation on a handle is one atomic round trip to Redis.
 */
public interface SharedState {
    /** The value of that name, which need not exist yet. */
    SharedValue value(String name);

    /** The array of that name, which need not exist yet. */
    SharedArray array(String name);
}
