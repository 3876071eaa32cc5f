/** The choice between methods, shared by networks and engines. */
#ifndef WS_NN_CONVOLUTION_H
#define WS_NN_CONVOLUTION_H

/** How the fast engine does convolutions that can be done in both ways. */
typedef enum ws_convolution {
    WS_CONVOLUTION_CHEAPER,     /* by an estimate of costs */
    WS_CONVOLUTION_BY_FFT,      /* for tests and measurements, as the next ones */
    WS_CONVOLUTION_BY_PRODUCTS, /* of matrices: what else cannot be done is done so */
    WS_CONVOLUTION_DIRECT,
} ws_convolution;

#endif
