/** {@code farm chaos}: a storm of faults over a farm of its own, and whether every count is right afterwards. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.lab.chaos;
