/** How the programs of this project log: layout, level and place, read from {@code FARM_LOG_*}. */
@NullMarked
package dev.workerfarm.cli.log;

import org.jspecify.annotations.NullMarked;
