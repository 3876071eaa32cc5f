#include "tbevents/plugins.h"

#include "plugins.pb-c.h"

size_t tbe_wav_content_write(uint8_t out[TBE_MAX_CONTENT_BYTES])
{
    Tbproto__AudioPluginData message;
    tbproto__audio_plugin_data__init(&message);
    message.encoding = TBPROTO__AUDIO_PLUGIN_DATA__ENCODING__WAV;
    return tbproto__audio_plugin_data__pack(&message, out);
}

size_t tbe_pr_content_write(int32_t n_thresholds, uint8_t out[TBE_MAX_CONTENT_BYTES])
{
    Tbproto__PrCurvePluginData message;
    tbproto__pr_curve_plugin_data__init(&message);
    message.num_thresholds = n_thresholds;
    return tbproto__pr_curve_plugin_data__pack(&message, out);
}
