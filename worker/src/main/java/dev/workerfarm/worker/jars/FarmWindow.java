package dev.workerfarm.worker.jars;

import java.util.List;

/**
 * What a user's jar sees beside itself: the JDK, the task interface and the logging interface. These come from here
 * even where the jar has copies, or the farm's Task would not be the jar's Task; no other class or resource of the farm
 * is visible, so the jar's Jackson never meets ours. Threads may share it.
 */
final class FarmWindow extends ClassLoader {
    /** The annotations count: one that cannot be loaded is dropped in silence, and Nullable decides what may be left out. */
    private static final List<String> PACKAGES = List.of(
            "dev.workerfarm.task.",
            "dev.workerfarm.shared.",
            "dev.workerfarm.error.",
            "org.slf4j.",
            "org.jspecify.annotations.");

    private final ClassLoader farm;

    FarmWindow(ClassLoader farm) {
        super("workerfarm-window", ClassLoader.getPlatformClassLoader());
        this.farm = farm;
    }

    /** Asked for what the JDK does not have. */
    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (PACKAGES.stream().anyMatch(name::startsWith)) {
            return farm.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
