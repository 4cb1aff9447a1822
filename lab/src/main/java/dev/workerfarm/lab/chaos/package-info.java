/** {@code farm chaos}: a storm of faults over a farm of its own, and whether every count is right afterwards. */
@NullMarked
package dev.workerfarm.lab.chaos;

import org.jspecify.annotations.NullMarked;
