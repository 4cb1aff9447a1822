/** What a process of the farm reads from its environment. */
@NullMarked
package dev.workerfarm.config;

import org.jspecify.annotations.NullMarked;
