package dev.workerfarm.shared;

/**
 * The shared values and arrays of one namespace, by name. Threads may share it. Making a handle touches nothing; each
 * operation on a handle is atomic.
 *
 * <p>A name is 1 to 200 characters without control characters; another is an {@link IllegalArgumentException}. A value
 * and an array of the same name have nothing to do with each other.
 */
public interface SharedState {
    /** The value of that name, which need not exist yet. */
    SharedValue value(String name);

    /** The array of that name, which need not exist yet. */
    SharedArray array(String name);
}
